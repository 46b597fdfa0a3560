using OnCell.Journal.Tests.Faults;
using OnCell.Journal.Tests.Faults.Kills;

// One executable, three uses: the tests, the process that fault tests kill, and the long mode of those tests.
return args switch
{
    ["victim", .. var rest] => await Victim.RunAsync(rest),
    ["deleter", .. var rest] => await Deleter.RunAsync(rest),
    ["holder", .. var rest] => await Holder.RunAsync(rest),
    ["faults", .. var rest] => await FaultProgram.RunAsync(rest),
    _ when args.Contains("-automated") || args.Contains("@@") => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
    _ => await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
        args, OnCell.Journal.Tests.SelfRegisteredExtensions.AddSelfRegisteredExtensions),
};
