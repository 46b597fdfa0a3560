using System.Collections;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Exec;

/// <summary>The guest's own environment with a command's changes, and the search for its program.</summary>
internal sealed class ChildEnvironment
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private readonly Dictionary<string, string> _inherited = [];

    public ChildEnvironment()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            _inherited[(string)variable.Key] = (string?)variable.Value ?? "";
    }

    public Dictionary<string, string> With(IReadOnlyList<KeyValuePair<string, string?>> changes)
    {
        var variables = new Dictionary<string, string>(_inherited);
        foreach (var (name, value) in changes)
        {
            if (value is null)
                variables.Remove(name);
            else
                variables[name] = value;
        }
        return variables;
    }

    public static string[] Lines(Dictionary<string, string> variables)
    {
        var lines = new string[variables.Count];
        var i = 0;
        foreach (var (name, value) in variables)
            lines[i++] = $"{name}={value}";
        return lines;
    }

    /// <summary>Finds the program as a shell would, by the command's own <c>PATH</c>.</summary>
    public static string FindProgram(string name, string workingDirectory, Dictionary<string, string> variables)
    {
        if (name.Contains('/'))
            return name; // Relative to the working directory; posix_spawn changes into it first.
        foreach (var folder in variables.GetValueOrDefault("PATH", DefaultPath).Split(':'))
        {
            var candidate = Path.Combine(workingDirectory, folder, name);
            if (FileSystem.IsExecutable(candidate))
                return candidate;
        }
        throw new StartFailedException($"{name}: no such program in PATH");
    }

    /// <summary>Turns a request into a child, or says why there can be none.</summary>
    public ChildSpec Resolve(ExecRequest request, ChildDescriptors streams)
    {
        if (request.Arguments.Count == 0 || request.Arguments[0].Length == 0)
            throw new StartFailedException("the command is empty");
        if (!FileSystem.IsFolder(request.WorkingDirectory))
            throw new StartFailedException($"{request.WorkingDirectory}: no such folder to start in");
        var variables = With(request.Environment);
        var program = FindProgram(request.Arguments[0], request.WorkingDirectory, variables);
        return new ChildSpec(
            program, request.Arguments, Lines(variables), request.WorkingDirectory, streams);
    }
}
