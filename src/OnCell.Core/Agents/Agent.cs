namespace OnCell;

/// <summary>The base of an agent: a class whose methods work in a customer's cell.</summary>
/// <remarks>
/// Every public method whose first parameter is a <see cref="CellContext"/>, but <see cref="SetupAsync"/>, can be called
/// from outside: <c>TaskAsync</c> is <c>POST /agents/task</c>. One instance is made for each run, its constructor served by
/// dependency injection. A run may be executed again from its start after a crash; what it did through the context is then
/// answered from the journal. So all effects, time and randomness go through the context.
/// </remarks>
public abstract class Agent
{
    /// <summary>Gets what the agent's cells are made of.</summary>
    public abstract CellSpec Cell { get; }

    /// <summary>Prepares a new customer's cell; runs once for each customer. If it fails, the cell is not kept.</summary>
    /// <param name="ctx">The cell.</param>
    public virtual Task SetupAsync(CellContext ctx) => Task.CompletedTask;
}
