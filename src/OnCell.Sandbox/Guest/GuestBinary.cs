namespace OnCell.Sandboxes.Guest;

/// <summary>Finds the guest's program, which comes with this library.</summary>
internal static class GuestBinary
{
    private const string Name = "oncell-guest";

    /// <summary>Gets its path: beside the application, or where NuGet keeps native files.</summary>
    /// <exception cref="SandboxException">It is not there.</exception>
    public static string Locate()
    {
        foreach (var folder in (ReadOnlySpan<string>)["", "runtimes/linux-x64/native"])
        {
            var path = System.IO.Path.Combine(AppContext.BaseDirectory, folder, Name);
            if (File.Exists(path))
                return path;
        }
        throw new SandboxException(
            $"{Name} is not in {AppContext.BaseDirectory}: build or publish the application with the OnCell.Sandbox "
            + "package or project, which copies it there.");
    }
}
