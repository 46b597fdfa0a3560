using System.Text.Json;
using OnCell.Demo;
using OnCell.Demo.Project;
using OnCell.Demo.Service;

namespace OnCell.EndToEnd.Tests.Demo;

public sealed class TwoCrashesTests
{
    private const string UnderWay = "Setting iterations\nExiting after 0:00:01\n";

    [Fact]
    public void Strikes_in_the_first_and_in_the_second_test_run()
    {
        var plan = new TwoCrashes();

        Assert.Null(plan.Next(Started("1", SampleProject.TestCommand)));
        Assert.Null(plan.Next(Output("1", "Setting iterations")));
        Assert.Equal(false, plan.Next(Output("1", UnderWay))?.WithSandbox);

        // The re-attached command tells its output again; that is no new moment.
        Assert.Null(plan.Next(Output("1", UnderWay)));
        Assert.Null(plan.Next(Ended("1")));
        Assert.Null(plan.Next(Started("2", SampleProject.TestCommand)));
        Assert.Equal(true, plan.Next(Output("2", UnderWay))?.WithSandbox);

        Assert.Null(plan.Next(Output("2", UnderWay)));
        Assert.Null(plan.Next(Started("3", "git push --quiet --force origin HEAD")));
    }

    [Fact]
    public void Strikes_in_the_push_where_a_live_model_needs_one_test_run_only()
    {
        var plan = new TwoCrashes();
        plan.Next(Started("1", SampleProject.TestCommand));
        plan.Next(Output("1", UnderWay));
        plan.Next(Ended("1"));

        Assert.Null(plan.Next(Started("2", "git add")));
        Assert.Equal(true, plan.Next(Started("3", "git push --quiet --force origin HEAD"))?.WithSandbox);
    }

    private static ServiceEvent Started(string position, string name) => Event("step.started", new { position, kind = "shell", name });

    private static ServiceEvent Output(string position, string text) => Event("step.output", new { position, text });

    private static ServiceEvent Ended(string position) => Event("step.ended", new { position });

    private static ServiceEvent Event(string type, object data) => new(null, type, JsonSerializer.SerializeToElement(data));
}
