using System.CommandLine;
using OnCell.Cli.Deploying;
using OnCell.Cli.Output;
using OnCell.Client;

namespace OnCell.Cli.Commands;

/// <summary>Agents that come to a running service.</summary>
internal static class DeploymentCommands
{
    private const string Production = "production";

    public static Command Deploy()
    {
        var project = new Argument<string>("project") { Description = "The project that holds the agents: a .csproj, or its folder.", DefaultValueFactory = _ => "." };
        var environment = new Option<string>("--env", "-e") { Description = "The environment that gets it.", DefaultValueFactory = _ => Production };
        var command = new Command("deploy", "Builds a project of agents, sends it to the service and makes an environment point to it.") { project, environment };
        command.SetAction(async (parsed, ct) =>
        {
            var deployments = parsed.Client().Deployments;
            var runtime = (await deployments.ListAsync(ct)).Runtime; // also the first to say that deploying is off
            var agents = AgentProject.Find(parsed.GetValue(project)!);
            var folder = Directory.CreateTempSubdirectory("oncell-deploy-").FullName;
            try
            {
                var watching = parsed.IsJson() ? null : new Lines();
                watching?.Report(new CellProgress("build", agents.Name));
                var published = Path.Combine(folder, "published");
                var assembly = await agents.PublishAsync(published, ct);
                await using var package = File.Create(Path.Combine(folder, "package.zip"));
                AgentPackage.Write(published, assembly, runtime, package);
                watching?.Report(new CellProgress("upload", $"{assembly}: {package.Length / 1024} KB"));
                package.Position = 0;
                Show(parsed, await deployments.DeployAsync(package, parsed.GetValue(environment)!, watching, ct));
                return ExitCodes.Done;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    public static Command Promote()
    {
        var from = new Argument<string>("from") { Description = "The environment whose revisions are taken." };
        var to = new Argument<string>("to") { Description = "The environment that gets them." };
        var package = Package("Only this package; all where none is named.");
        var command = new Command("promote", "Makes an environment point to what another one points to. Runs under way end on what they began with.") { from, to, package };
        command.SetAction(async (parsed, ct) =>
        {
            var placed = await parsed.Client().Deployments.PromoteAsync(parsed.GetValue(from)!, parsed.GetValue(to)!, parsed.GetValue(package), ct);
            if (parsed.IsJson()) Screen.Json(placed);
            else Show(placed);
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Rollback()
    {
        var environment = new Option<string>("--env", "-e") { Description = "The environment.", DefaultValueFactory = _ => Production };
        var package = Package("The package; needed where the environment has several.");
        var command = new Command("rollback", "Makes an environment point to the revision before; again, to the one before that.") { environment, package };
        command.SetAction(async (parsed, ct) =>
        {
            Show(parsed, await parsed.Client().Deployments.RollbackAsync(parsed.GetValue(environment)!, parsed.GetValue(package), ct));
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Deployments() => new("deployments", "What is deployed.") { List(), Delete() };

    private static Command List()
    {
        var command = new Command("list", "Lists the revisions that are kept and the environments that point to them.");
        command.SetAction(async (parsed, ct) =>
        {
            var all = await parsed.Client().Deployments.ListAsync(ct);
            if (parsed.IsJson())
            {
                Screen.Json(all);
                return ExitCodes.Done;
            }

            Screen.Table(["revision", "environments", "agents", "deployed", "by"], all.Revisions.Select(r => (IReadOnlyList<string>)
            [
                Screen.Cell(r.Id),
                Screen.Cell(string.Join(", ", all.Environments.Where(e => e.Revision == r.Id).Select(e => e.Environment))),
                Screen.Cell(string.Join(", ", r.Agents.Select(a => a.Name))), Screen.Time(r.Created), Screen.Cell(r.By),
            ]));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Delete()
    {
        var revision = new Argument<string>("revision") { Description = "The revision's id." };
        var command = new Command("delete", "Removes a revision that no environment and no run needs.") { revision };
        command.SetAction(async (parsed, ct) =>
        {
            await parsed.Client().Deployments.DeleteAsync(parsed.GetValue(revision)!, ct);
            if (!parsed.IsJson()) Screen.Say($"{parsed.GetValue(revision)} is removed");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Option<string?> Package(string description) => new("--package") { Description = description };

    private static void Show(ParseResult parsed, Placement placement)
    {
        if (parsed.IsJson()) Screen.Json(placement);
        else Show([placement]);
    }

    private static void Show(IReadOnlyList<Placement> placements) =>
        Screen.Table(["environment", "revision", "since", "by"], placements.Select(p => (IReadOnlyList<string>)
            [Screen.Cell(p.Environment), Screen.Cell(p.Revision), Screen.Time(p.Since), Screen.Cell(p.By)]));

    private sealed class Lines : IProgress<CellProgress>
    {
        public void Report(CellProgress value) => Screen.Say($"{value.Phase}: {value.Message}");
    }
}
