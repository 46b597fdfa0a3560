using OnCell.Sandbox.Tests.Docker;

[assembly: AssemblyFixture(typeof(SharedEngine))]

namespace OnCell.Sandbox.Tests.Docker;

/// <summary>One engine for the tests that neither kill nor configure it; started by the first that asks.</summary>
public sealed class SharedEngine : IAsyncDisposable
{
    private readonly Lazy<Task<TestEngine>> _engine = new(() => TestEngine.StartAsync());

    internal Task<TestEngine> GetAsync() => _engine.Value;

    public async ValueTask DisposeAsync()
    {
        if (_engine.IsValueCreated)
            await (await _engine.Value).DisposeAsync();
    }
}
