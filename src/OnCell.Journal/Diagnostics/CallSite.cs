using System.Diagnostics;
using System.Reflection;

namespace OnCell.Journaling.Diagnostics;

/// <summary>Finds the line of the caller's code that asks for a step, while its call is still on the stack.</summary>
internal static class CallSite
{
    /// <summary>Returns the nearest frame that is neither ours nor the platform's, as <c>Agent.cs:42</c> or by its method's name.</summary>
    /// <remarks>Costs tens of microseconds, so it is asked for when a run has diverged and not before.</remarks>
    public static string? Find()
    {
        foreach (var frame in new StackTrace(fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { DeclaringType: { } type } method || IsInfrastructure(type.Assembly))
                continue;
            return frame.GetFileName() is { } file ? $"{Path.GetFileName(file)}:{frame.GetFileLineNumber()}" : Name(type, method);
        }

        return null;
    }

    private static bool IsInfrastructure(Assembly assembly) =>
        assembly.GetName().Name is not { } name
        || name is "OnCell.Journal" or "OnCell.Core" or "System.Private.CoreLib"
        || name.StartsWith("System.", StringComparison.Ordinal);

    // An async method's code is in a nested type named <Method>d__7.
    private static string Name(Type type, MethodBase method) => type.Name.StartsWith('<') && type.DeclaringType is { } outer
        ? $"{outer.Name}.{type.Name[1..type.Name.IndexOf('>', StringComparison.Ordinal)]}"
        : $"{type.Name}.{method.Name}";
}
