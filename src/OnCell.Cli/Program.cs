using System.CommandLine;
using OnCell.Cli;
using OnCell.Cli.Commands;

var root = new RootCommand("Customers, cells, runs, secrets and terminals of an OnCell service.")
{
    LoginCommand.Create(),
    CustomerCommands.Create(),
    CellCommands.Create(),
    RunCommand.Create(),
    RunCommands.Create(),
    LogsCommand.Create(),
    UsageCommand.Create(),
    DeploymentCommands.Deploy(),
    DeploymentCommands.Promote(),
    DeploymentCommands.Rollback(),
    DeploymentCommands.Deployments(),
    ImageCommands.Create(),
    WebhookCommands.Create(),
    SecretCommands.Create(),
    JournalCommands.Create(),
    DoctorCommand.Create(),
    CompletionCommand.Create(),
};
Common.AddTo(root);

// An argument such as @FILE is the command's own to read (run --input), not a file of further arguments.
var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).Guarded();
return parsed.Errors.Count > 0 ? ExitCodes.WrongUse : code;
