using System.Reflection;
using System.Runtime.Loader;

namespace OnCell.Deployments;

/// <summary>Where a revision's assemblies live: apart from the service's and from other revisions', and collectible.</summary>
/// <remarks>
/// What the service has of OnCell and of .NET's extensions is the service's, so that both mean the same types; all else is the
/// revision's own, in the version it was built with.
/// </remarks>
internal sealed class RevisionContext(string folder, string revision) : AssemblyLoadContext($"OnCell revision {revision}", isCollectible: true)
{
    private static readonly string[] Shared = ["OnCell.", "Microsoft.Extensions.", "System."];

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Array.Exists(Shared, prefix => assemblyName.Name!.StartsWith(prefix, StringComparison.Ordinal)) && OfService(assemblyName) is { } shared)
            return shared;
        var culture = assemblyName.CultureName is { Length: > 0 } name ? name : ".";
        var path = Path.Combine(folder, culture, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(Path.GetFullPath(path)) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        foreach (var name in (string[])[unmanagedDllName, $"lib{unmanagedDllName}.so", $"{unmanagedDllName}.so"])
        {
            var path = Path.Combine(folder, Path.GetFileName(name));
            if (File.Exists(path)) return LoadUnmanagedDllFromPath(path);
        }

        return 0;
    }

    private static Assembly? OfService(AssemblyName name)
    {
        try
        {
            return Default.LoadFromAssemblyName(name);
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException)
        {
            return null; // the service has none, or an older one
        }
    }
}
