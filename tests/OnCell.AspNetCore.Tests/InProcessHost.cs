using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OnCell.AspNetCore.Tests;

/// <summary>An application with OnCell's routes in a <c>WebApplicationFactory</c>, which asks for an assembly by a type of it.</summary>
internal sealed class InProcessHost(Action<IServiceCollection> services) : WebApplicationFactory<TestAgent>
{
    protected override IHostBuilder CreateHostBuilder() => new HostBuilder().ConfigureWebHost(web => web
        .ConfigureServices(s =>
        {
            s.AddRouting();
            services(s);
        })
        .Configure(app => app.UseRouting().UseAuthentication().UseAuthorization().UseEndpoints(endpoints =>
        {
            endpoints.MapOnCell();
            endpoints.MapOnCellMcp();
        })));

    protected override void ConfigureWebHost(IWebHostBuilder builder) =>
        builder.UseEnvironment("Test").UseContentRoot(AppContext.BaseDirectory);
}
