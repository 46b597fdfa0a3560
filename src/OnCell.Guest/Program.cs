using OnCell.Guest;
using OnCell.Guest.Git;
using OnCell.Guest.Waiting;

const string Usage = """
    usage: oncell-guest init [--control SOCKET] [--egress SOCKET] [--port N] [--state FOLDER] [--work FOLDER]
                             [--keep BYTES]
           oncell-guest git-credential get|store|erase
           oncell-guest wait
    """;

switch (args)
{
    case ["init", .. var rest]:
        InitCommand.Run(InitOptions.Parse(rest));
        return 0;
    case ["git-credential", var operation]:
        return CredentialRelay.Run(
            operation, Environment.GetEnvironmentVariable("ONCELL_CREDENTIAL_SOCKET") ?? "/run/oncell/credential.sock");
    case ["wait"]:
        return WaitCommand.Run();
    default:
        Log.Line(Usage);
        return 2;
}
