using OnCell.Guest;
using OnCell.Guest.Git;

const string Usage = """
    usage: oncell-guest init [--control SOCKET] [--egress SOCKET] [--port N] [--state FOLDER] [--work FOLDER]
                             [--keep BYTES]
           oncell-guest git-credential get|store|erase
           oncell-guest pause
    """;

switch (args)
{
    case ["init", .. var rest]:
        InitCommand.Run(InitOptions.Parse(rest));
        return 0;
    case ["git-credential", var operation]:
        return CredentialRelay.Run(
            operation, Environment.GetEnvironmentVariable("ONCELL_CREDENTIAL_SOCKET") ?? "/run/oncell/credential.sock");
    case ["pause"]: // the first process of a sandbox that waits in the host's warm pool
        Thread.Sleep(Timeout.Infinite);
        return 0;
    default:
        Log.Line(Usage);
        return 2;
}
