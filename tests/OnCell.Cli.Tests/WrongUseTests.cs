namespace OnCell.Cli.Tests;

/// <summary>Whatever is wrong with a command line is told in its user's words, with the exit code of wrong use.</summary>
public sealed class WrongUseTests(Service service)
{
    [Theory]
    [InlineData("no command", "Required command")]
    [InlineData("unknown command", "Unrecognized command or argument 'nope'", "nope")]
    [InlineData("setting twice", "--config a is given twice", "customers", "create", "x", "--config", "a=1", "--config", "a=2")]
    [InlineData("setting without value", "is not NAME=VALUE", "customers", "create", "x", "--config", "a")]
    [InlineData("no id", "is not a customer id", "customers", "create", "")]
    [InlineData("empty name", "empty", "customers", "delete", "", "--yes")]
    [InlineData("name of dots", "\"..\" cannot name anything", "run", "..", "--customer", "acme")]
    [InlineData("tier", "--tier \"deep\" is not frozen, checkpointed or stopped", "customers", "pause", "acme", "--tier", "deep")]
    [InlineData("tier that nobody has", "--tier \"unknown\" is not", "customers", "pause", "acme", "--tier", "unknown")]
    [InlineData("number", "--last \"many\" is not a whole number from 1 to 100", "logs", "--customer", "acme", "--last", "many")]
    [InlineData("number too large", "--last \"101\" is not", "logs", "--customer", "acme", "--last", "101")]
    [InlineData("time", "--since \"yesterday\" is not a time such as", "usage", "--customer", "acme", "--since", "yesterday")]
    [InlineData("JSON", "--input is not JSON", "run", "echo", "--customer", "acme", "--input", "{")]
    [InlineData("JSON of another kind", "--input is a JSON object", "run", "echo", "--customer", "acme", "--input", "[]")]
    [InlineData("input of another kind", "input.text: The input \"text\" of \"echo\" is not a string", "run", "echo", "--customer", "acme", "--input", "{\"text\":{}}")]
    public async Task What_is_wrong_is_said(string _, string expected, params string[] arguments)
    {
        using var oncell = new Oncell(service);
        var outcome = await oncell.RunAsync(arguments);
        Assert.Contains(expected, outcome.Errors);
        Assert.Equal(2, outcome.Code);
        Assert.DoesNotContain("   at ", outcome.Errors);
        Assert.DoesNotContain("System.", outcome.Errors);
        Assert.DoesNotContain("Parameter '", outcome.Errors);
    }

    [Fact]
    public async Task Input_is_read_from_a_file_or_from_standard_input()
    {
        using var oncell = new Oncell(service);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """{"text":"from a file"}""", TestContext.Current.CancellationToken);
        Assert.Contains("from a file", await oncell.DoneAsync("run", "echo", "--customer", "acme", "--input", "@" + file));
        File.Delete(file);
        Assert.Contains("from a pipe", (await oncell.FeedAsync("""{"text":"from a pipe"}""", "run", "echo", "--customer", "acme", "--input", "@-")).Output);
        var missing = await oncell.RunAsync("run", "echo", "--customer", "acme", "--input", "@/no/such/file");
        Assert.Equal(1, missing.Code);
        Assert.Contains("/no/such", missing.Errors);
    }
}
