using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Versioning;

namespace OnCell.Deployments;

/// <summary>Reads what a package is, before any of its code is run.</summary>
internal static class AgentAssembly
{
    private const string Dependencies = ".deps.json";
    private const int MaxNameLength = 100;

    /// <summary>Finds the agent project's assembly, and checks that this process can load it.</summary>
    /// <returns>Its name without extension, which is the package's.</returns>
    /// <exception cref="OnCellException">There is none, or it is for something else than this service.</exception>
    public static string Find(string folder)
    {
        var roots = Directory.GetFiles(folder, "*" + Dependencies);
        if (roots is not [var root])
            throw PackageArchive.Refused($"has {roots.Length} files *{Dependencies} at its root; one says which assembly is the agents'. Use \"oncell deploy\"");
        var name = Path.GetFileName(root)[..^Dependencies.Length];
        if (name.Length is 0 or > MaxNameLength || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')))
            throw PackageArchive.Refused($"has a name that cannot be used: 1 to {MaxNameLength} of letters, digits, '.', '-' and '_'");
        var path = Path.Combine(folder, name + ".dll");
        if (!File.Exists(path)) throw PackageArchive.Refused($"has {name}{Dependencies} and no {name}.dll");
        try
        {
            Check(name, path);
        }
        catch (Exception e) when (e is not OnCellException)
        {
            // A broken file makes its reader throw many things.
            throw PackageArchive.Refused($"has a {name}.dll that is no .NET assembly: {e.Message}", e);
        }

        return name;
    }

    private static void Check(string name, string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        if (!file.HasMetadata) throw PackageArchive.Refused($"has a {name}.dll that is no .NET assembly");
        var metadata = file.GetMetadataReader();
        if (!metadata.IsAssembly) throw PackageArchive.Refused($"has a {name}.dll that is no .NET assembly");
        if (TargetFramework(metadata) is not { } framework)
            throw PackageArchive.Refused($"has a {name}.dll that does not say its target framework");
        if (framework is not { Identifier: ".NETCoreApp" } || framework.Version.Major > Environment.Version.Major)
            throw PackageArchive.Refused(
                $"is built for {framework.Identifier} {framework.Version}; this service runs .NET {Environment.Version.Major}: build it for net{Environment.Version.Major}.0");
        var core = typeof(Agent).Assembly.GetName().Name;
        if (!metadata.AssemblyReferences.Any(r => metadata.GetString(metadata.GetAssemblyReference(r).Name) == core))
            throw PackageArchive.Refused($"has a {name}.dll without a reference to {core}: is it the project that holds the agent?");
    }

    private static FrameworkName? TargetFramework(MetadataReader metadata)
    {
        foreach (var handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            var attribute = metadata.GetCustomAttribute(handle);
            if (attribute.Constructor.Kind != HandleKind.MemberReference) continue;
            var type = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
            if (type.Kind != HandleKind.TypeReference
                || metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name) != nameof(TargetFrameworkAttribute)) continue;
            var value = metadata.GetBlobReader(attribute.Value);
            value.ReadUInt16(); // the prolog of every attribute (ECMA-335, II.23.3)
            return new FrameworkName(value.ReadSerializedString()!);
        }

        return null;
    }
}
