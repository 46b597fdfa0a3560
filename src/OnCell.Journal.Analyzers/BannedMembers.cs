using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace OnCell.Journaling.Analyzers;

/// <summary>Members of the platform that must not be called where a run is executed.</summary>
internal static class BannedMembers
{
    private static readonly Dictionary<string, DiagnosticDescriptor> Members = new()
    {
        ["System.DateTime.Now"] = Rules.Time,
        ["System.DateTime.UtcNow"] = Rules.Time,
        ["System.DateTime.Today"] = Rules.Time,
        ["System.DateTimeOffset.Now"] = Rules.Time,
        ["System.DateTimeOffset.UtcNow"] = Rules.Time,
        ["System.TimeProvider.GetUtcNow"] = Rules.Time,
        ["System.TimeProvider.GetLocalNow"] = Rules.Time,
        ["System.Environment.TickCount"] = Rules.Time,
        ["System.Environment.TickCount64"] = Rules.Time,
        ["System.Guid.NewGuid"] = Rules.Chance,
        ["System.Guid.CreateVersion7"] = Rules.Chance,
        ["System.Random..ctor"] = Rules.Chance,
        ["System.Random.Shared"] = Rules.Chance,
        ["System.Threading.Tasks.Task.Run"] = Rules.Waiting,
        ["System.Threading.Tasks.Task.Delay"] = Rules.Waiting,
        ["System.Threading.Tasks.Task.WhenAny"] = Rules.Waiting,
        ["System.Threading.Tasks.TaskFactory.StartNew"] = Rules.Waiting,
        ["System.Threading.Thread.Sleep"] = Rules.Waiting,
        ["System.Threading.Thread..ctor"] = Rules.Waiting,
        ["System.Threading.Timer..ctor"] = Rules.Waiting,
        ["System.Threading.PeriodicTimer..ctor"] = Rules.Waiting,
        ["System.Threading.ThreadPool.QueueUserWorkItem"] = Rules.Waiting,
        ["System.Environment.MachineName"] = Rules.Effects,
        ["System.Console.ReadLine"] = Rules.Effects,
        ["System.Environment.GetEnvironmentVariable"] = Rules.Effects,
    };

    private static readonly Dictionary<string, DiagnosticDescriptor> Types = new()
    {
        ["System.Diagnostics.Stopwatch"] = Rules.Time,
        ["System.Threading.Tasks.Parallel"] = Rules.Waiting,
        ["System.IO.File"] = Rules.Effects,
        ["System.IO.FileInfo"] = Rules.Effects,
        ["System.IO.FileSystemInfo"] = Rules.Effects,
        ["System.IO.FileStream"] = Rules.Effects,
        ["System.IO.DirectoryInfo"] = Rules.Effects,
        ["System.IO.Directory"] = Rules.Effects,
        ["System.Net.Http.HttpClient"] = Rules.Effects,
        ["System.Net.Http.Json.HttpClientJsonExtensions"] = Rules.Effects,
        ["System.Net.Dns"] = Rules.Effects,
        ["System.Net.Sockets.Socket"] = Rules.Effects,
        ["System.Net.Sockets.TcpClient"] = Rules.Effects,
        ["System.Diagnostics.Process"] = Rules.Effects,
        ["System.Security.Cryptography.RandomNumberGenerator"] = Rules.Chance,
    };

    /// <summary>Returns the rule that a member breaks, if any.</summary>
    public static DiagnosticDescriptor? Find(ISymbol member)
    {
        if (member.ContainingType is not { } type)
            return null;

        // Static state of the program's own; the platform's is settings.
        if (member is IFieldSymbol { IsStatic: true, IsReadOnly: false, IsConst: false })
            return Rules.State;
        if (member is IPropertySymbol { IsStatic: true, SetMethod.IsInitOnly: false } && member.Locations.Any(static location => location.IsInSource))
            return Rules.State;

        // A path with a type: nothing is looked at before it is asked.
        if (member is IMethodSymbol { MethodKind: MethodKind.Constructor } && type.Name is "FileInfo" or "DirectoryInfo")
            return null;

        // A seeded generator is the same every time.
        if (member is IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: > 0 } && type.Name == "Random")
            return null;
        var name = type.OriginalDefinition.ToDisplayString();
        return Members.TryGetValue($"{name}.{member.Name}", out var rule) || Types.TryGetValue(name, out rule) ? rule : null;
    }
}
