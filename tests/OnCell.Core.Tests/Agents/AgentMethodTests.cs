using System.Text.Json.Nodes;
using OnCell.Agents;

namespace OnCell.Core.Tests.Agents;

public sealed class AgentMethodTests
{
    private readonly AgentDescriptor _agent = new(typeof(SampleAgent));

    [Fact]
    public void Only_public_methods_that_take_a_context_and_return_a_task_are_endpoints() =>
        Assert.Equal(["bind", "plain", "task"], _agent.MethodNames.Order());

    [Fact]
    public async Task Arguments_are_bound_by_name()
    {
        var input = new JsonObject { ["instruction"] = "do", ["options"] = new JsonObject { ["depth"] = 3, ["mode"] = "deep" } };
        Assert.Equal("\"do 3 Deep 7\"", (await _agent.FindMethod("bind")!.InvokeAsync(new SampleAgent(), input, null!, default))!.ToJsonString());
    }

    [Fact]
    public void A_missing_input_is_named() =>
        Assert.Contains("needs the input \"instruction\"", Refused([]));

    [Fact]
    public void An_unknown_input_is_named() =>
        Assert.Contains("has no input \"instrction\"", Refused(new JsonObject { ["instrction"] = "do" }));

    [Fact]
    public void An_input_of_the_wrong_form_is_named() =>
        Assert.Contains("\"options\" of \"task\" is not a Options?", Refused(new JsonObject { ["instruction"] = "do", ["options"] = 1 }));

    [Fact]
    public void A_null_where_none_may_be_is_named() =>
        Assert.Contains("\"instruction\" of \"task\" is null", Refused(new JsonObject { ["instruction"] = null }));

    [Fact]
    public void A_missing_method_lists_those_there_are() =>
        Assert.Contains("It has: ", Assert.Throws<OnCellException>(() => AgentCatalog.GetMethod(_agent, "tsk")).Message);

    [Fact]
    public async Task Results_come_as_json()
    {
        var input = new JsonObject { ["instruction"] = "do" };
        var result = await _agent.FindMethod("task")!.InvokeAsync(new SampleAgent(), input, null!, default);
        Assert.Equal("""{"text":"do","mode":"deep"}""", result!.ToJsonString());
        Assert.Null(await _agent.FindMethod("plain")!.InvokeAsync(new SampleAgent(), [], null!, default));
    }

    [Fact]
    public void The_only_agent_needs_no_name_and_two_do()
    {
        Assert.Same(_agent, new AgentCatalog([_agent]).Get(null));
        var two = new AgentCatalog([_agent, new AgentDescriptor(typeof(OtherAgent))]);
        Assert.Contains("OtherAgent, SampleAgent", Assert.Throws<OnCellException>(() => two.Get(null)).Message);
        Assert.Contains("There is no agent \"X\"", Assert.Throws<OnCellException>(() => two.Get("X")).Message);
    }

    private string Refused(JsonObject input)
    {
        var error = Assert.Throws<OnCellException>(() => _agent.FindMethod("task")!.Check(input));
        Assert.Equal(OnCellError.Invalid, error.Error);
        return error.Message;
    }

    internal sealed class SampleAgent : Agent
    {
        public enum Mode { Shallow, Deep }

        public override CellSpec Cell => new();

        public Task<Result> TaskAsync(
            CellContext ctx, string instruction, Options? options = null, int count = 7, CancellationToken cancellationToken = default)
        {
            _ = (ctx, options, count, cancellationToken);
            return Task.FromResult(new Result(instruction, Mode.Deep));
        }

        public Task<string> BindAsync(CellContext ctx, string instruction, Options? options, int count = 7) =>
            Task.FromResult($"{instruction} {options?.Depth} {options?.Mode} {count}{ctx}");

        public Task PlainAsync(CellContext ctx) => Task.FromResult(ctx);

        public Task<int> NotAnEndpointAsync(string text) => Task.FromResult(text.Length);

        public sealed record Options(int Depth, Mode Mode);

        public sealed record Result(string Text, Mode Mode);
    }

    internal sealed class OtherAgent : Agent
    {
        public override CellSpec Cell => new();
    }
}
