using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Sandbox.Tests.Docker;
using OnCell.Sandbox.Tests.Images;
using OnCell.Sandboxes.Images;

namespace OnCell.AspNetCore.Tests.Contract;

/// <summary>The base systems of cells over HTTP: listed in pages, built with progress, pruned, audited, and an administrator's matter.</summary>
public sealed class ImageTests : IAsyncLifetime
{
    private readonly OnCell.Sandbox.Tests.TemporaryFolder _folder = new();
    private Service _service = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var large = await new ImageStore(new ImageStoreOptions()).GetAsync(new ImageSpec { Packages = ["git", "python3"] }, cancellationToken: Ct);
        await File.WriteAllBytesAsync(_folder["tiny.tar"], new SavedImage(ShellSystem.Tar(large.RootFileSystem)).Docker(), Ct);
        _service = await (await Service.StartAsync(null, o => o.ImageFolder = _folder["images"], b =>
        {
            b.AddAgent<ArchiveAgent>().AddAgent<MisspeltAgent>();
            b.Services.AddSingleton(new ArchivePath(_folder["tiny.tar"]));
        })).ReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_image_is_built_with_progress_listed_and_pruned_and_all_of_it_is_audited()
    {
        var events = await BuildAsync(new { agent = nameof(ArchiveAgent) });
        Assert.Contains(events, e => e.EventType == "images.progress" && e.Data.Contains("unpacking", StringComparison.Ordinal));
        Assert.Equal("images.ready", events[^1].EventType);
        var image = Assert.Single(JsonNode.Parse(events[^1].Data)!["images"]!.AsArray())!;
        Assert.Equal((nameof(ArchiveAgent), _folder["tiny.tar"]), ((string)image["agents"]![0]!["agent"]!, (string)image["origin"]!));
        Assert.True((long)image["bytes"]! > 0);

        foreach (var name in (string[])["first", "second"])
        {
            Directory.CreateDirectory(_folder["images/" + name]);
            await File.WriteAllTextAsync(_folder[$"images/{name}/image.json"], """{"Suite":"test","Packages":["x"]}""", Ct);
            File.SetLastWriteTimeUtc(_folder[$"images/{name}/image.json"], DateTime.UtcNow.AddDays(-2));
        }

        using var page = await _service.Http.GetAsync("/v1/images?limit=1");
        Assert.Equal((string)image["digest"]!, (string)Assert.Single((await page.Content.ReadFromJsonAsync<JsonArray>(Ct))!)!["digest"]!); // asked for last
        var rest = (await _service.Http.GetFromJsonAsync<JsonArray>(page.Headers.GetValues("Link").Single().Split('<', '>')[1], Ct))!;
        Assert.Single(rest); // the limit is part of the link

        var dry = await PruneAsync(new { dryRun = true });
        Assert.Equal((true, 2), ((bool)dry["dryRun"]!, dry["images"]!.AsArray().Count));
        Assert.Empty((await PruneAsync(new { unusedForDays = 3 }))["images"]!.AsArray());
        var pruned = await PruneAsync(new { });
        Assert.Equal((false, 2, (long)dry["bytes"]!), ((bool)pruned["dryRun"]!, pruned["images"]!.AsArray().Count, (long)pruned["bytes"]!));
        Assert.Single((await _service.Http.GetFromJsonAsync<JsonArray>("/v1/images", Ct))!);
        var audited = (await _service.Http.GetFromJsonAsync<JsonArray>("/v1/audit", Ct))!.Select(e => (string)e!["action"]!).ToArray();
        Assert.Equal(3, audited.Count(a => a == "images.prune"));
        Assert.Single(audited, a => a == "images.build");
    }

    [Fact]
    public async Task What_cannot_be_built_or_pruned_says_why()
    {
        var failed = (await BuildAsync(new { }))[^1];
        Assert.Equal("images.failed", failed.EventType);
        Assert.Contains($"The image of {nameof(MisspeltAgent)} cannot be built: \\u0022N.A.\\u0022 is not a package name", failed.Data);
        using var nobody = await _service.Http.PostAsJsonAsync("/v1/images/build", new { agent = "Nobody" });
        await AgentApiTests.AssertProblemAsync(nobody, 404, "There is no agent \"Nobody\"");
        foreach (var (path, body, field) in ((string, string, string)[])
            [
                ("build", """{"environment":"staging"}""", "environment"), ("build", """{"agent":"x","environment":"No Such"}""", "environment"),
                ("build", """{"agents":[]}""", "agents"), ("prune", """{"unusedForDays":-1}""", "unusedForDays"), ("prune", """{"unusedForDays":1e300}""", "unusedForDays"),
                ("prune", """{"dryRun":"yes"}""", "dryRun"),
            ])
        {
            using var refused = await _service.Http.PostAsync($"/v1/images/{path}", new StringContent(body));
            Assert.Equal((HttpStatusCode.BadRequest, field), (refused.StatusCode, (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync(Ct))!["field"]));
        }
    }

    [Fact]
    public async Task Images_are_not_for_those_who_are_bound_to_customers_or_may_only_manage()
    {
        foreach (var areas in (string[][])[["run"], ["run", "manage"]])
        {
            using var http = await _service.ClientAsync(null, areas);
            using var listed = await http.GetAsync("/v1/images");
            using var pruned = await http.PostAsJsonAsync("/v1/images/prune", new { });
            Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (listed.StatusCode, pruned.StatusCode));
        }
    }

    private async Task<List<SseItem<string>>> BuildAsync(object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/build") { Content = JsonContent.Create(body) };
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await _service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return await SseParser.Create(await response.Content.ReadAsStreamAsync(Ct)).EnumerateAsync(Ct).ToListAsync(Ct);
    }

    private async Task<JsonNode> PruneAsync(object body)
    {
        using var response = await _service.Http.PostAsJsonAsync("/v1/images/prune", body, Ct);
        var text = await response.Content.ReadAsStringAsync(Ct);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}

/// <summary>Where the test has saved an image.</summary>
public sealed record ArchivePath(string Path);

public sealed class ArchiveAgent(ArchivePath archive) : Agent
{
    public override CellSpec Cell => new() { Image = archive.Path };

    public Task<string> SayAsync(CellContext ctx) => Task.FromResult("nothing");
}

public sealed class MisspeltAgent : Agent
{
    public override CellSpec Cell => new() { Packages = ["N.A."] };

    public Task<string> SayAsync(CellContext ctx) => Task.FromResult("nothing");
}
