namespace OnCell.Sandboxes.Guest;

/// <summary>Finds the guest's program, which comes with this library.</summary>
internal static class GuestBinary
{
    private const string Name = "oncell-guest";

    /// <summary>Gets its path: the one given, or beside the application, or where NuGet keeps native files.</summary>
    /// <param name="configured">The path of the options, if any.</param>
    /// <exception cref="SandboxException">It is not there.</exception>
    public static string Locate(string? configured = null)
    {
        if (configured is not null)
            return File.Exists(configured)
                ? configured
                : throw new SandboxException($"There is no guest program {configured}: set GuestPath to {Name}, or leave it out.");
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
