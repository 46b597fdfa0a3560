using OnCell.Sandbox.Tests.Guest;
using OnCell.Sandbox.Tests.Runtime;

namespace OnCell.Sandbox.Tests;

internal static class Program
{
    public static Task<int> Main(string[] args) =>
        HostProcess.IsWanted ? HostProcess.RunAsync()
        : RuntimeProcess.IsWanted ? RuntimeProcess.RunAsync()
        : Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
            args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
}
