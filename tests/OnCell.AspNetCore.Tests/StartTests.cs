using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace OnCell.AspNetCore.Tests;

/// <summary>A service that cannot work says so at once: what is missing, and what to do.</summary>
public sealed class StartTests
{
    [Fact]
    public void MapOnCell_without_AddOnCell_names_what_is_missing()
    {
        var app = WebApplication.CreateBuilder().Build();
        Assert.Contains("AddOnCell", Assert.Throws<InvalidOperationException>(() => app.MapOnCell()).Message);
    }

    [Fact]
    public async Task Wrong_settings_are_all_named_at_start()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => Service.StartAsync(null, o =>
        {
            o.MaxConcurrentRuns = 0;
            o.ImageFolder = "";
        }));
        Assert.Contains("MaxConcurrentRuns", error.Message);
        Assert.Contains("ImageFolder", error.Message);
    }

    [Fact]
    public async Task An_unknown_package_is_named_with_near_matches()
    {
        await using var service = await (await Service.StartAsync(null, null, b => b.AddAgent<WrongPackageAgent>())).ReadyAsync();
        using var response = await service.Http.PostAsync("/v1/customers", new StringContent("""{"id":"x"}"""));
        await AgentApiTests.AssertProblemAsync(response, 500, "pythn3");
        Assert.Contains("python3", await response.Content.ReadAsStringAsync());
        Assert.False(Directory.Exists(Path.Combine(service.DataRoot, "cells", "x")));
    }

    [Fact]
    public async Task Without_runsc_a_cell_cannot_be_made_and_the_fix_is_said()
    {
        await using var service = await Service.StartAsync(null, o => o.RunscPath = "/nonexistent/runsc");
        await service.ReadyAsync();
        using var response = await service.Http.PostAsync("/v1/customers", new StringContent("""{"id":"x"}"""));
        await AgentApiTests.AssertProblemAsync(response, 500, "runsc");
    }

    [Fact]
    public async Task Without_root_the_service_ends_and_says_so()
    {
        var data = Directory.CreateTempSubdirectory("oncell-test-").FullName;
        using var service = Process.Start(new ProcessStartInfo(
            "setpriv",
            [
                "--reuid=65534", "--regid=65534", "--clear-groups", Path.Combine(AppContext.BaseDirectory, "HelloCell"),
                "--urls", "http://127.0.0.1:0", "--OnCell:DataRoot", data,
            ])
        {
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
        var output = await service.StandardError.ReadToEndAsync();
        await service.WaitForExitAsync();
        Directory.Delete(data, recursive: true);
        Assert.Contains("OnCell needs root", output);
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_the_data_is_free_for_the_next_service()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var data = Directory.CreateTempSubdirectory("oncell-test-").FullName;
        using var service = Process.Start(new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "HelloCell"),
            ["--urls", $"http://{other.LocalEndpoint}", "--OnCell:DataRoot", data])
        {
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
        var output = await service.StandardError.ReadToEndAsync();
        await service.WaitForExitAsync();
        Assert.NotEqual(0, service.ExitCode);
        Assert.Contains($"http://{other.LocalEndpoint}: address already in use", output);
        await (await (await Service.StartAsync(data)).ReadyAsync()).DisposeAsync();
    }

    internal sealed class WrongPackageAgent : Agent
    {
        public override CellSpec Cell => new() { Packages = ["pythn3"] };
    }
}
