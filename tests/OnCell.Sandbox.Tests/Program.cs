using OnCell.Sandbox.Tests.Guest;

namespace OnCell.Sandbox.Tests;

internal static class Program
{
    public static Task<int> Main(string[] args) => HostProcess.IsWanted
        ? HostProcess.RunAsync()
        : Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
            args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
}
