using System.Collections.Concurrent;
using OnCell.Registry;

namespace OnCell.Cells;

/// <summary>The cells of the data root that this process owns.</summary>
internal sealed class CellTable(CellServices services) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, LiveCell> _cells = new(StringComparer.Ordinal);

    public CellServices Services { get; } = services;

    public IEnumerable<LiveCell> All => _cells.Values;

    /// <exception cref="OnCellException">There is no such customer.</exception>
    public LiveCell Get(string customer) =>
        _cells.GetValueOrDefault(customer) ?? throw Unknown(customer);

    /// <summary>What is said of a customer that does not exist; of another's too, so that nobody can tell one from the other.</summary>
    public static OnCellException Unknown(string customer) =>
        new(OnCellError.NotFound, $"There is no customer \"{Shown.Short(customer)}\".") { Field = "customer" };

    /// <summary>Shows a cell that is in the registry.</summary>
    public LiveCell Add(CustomerRecord record, bool mayRunAlready)
    {
        Services.Agents.Demand(record);
        var cell = new LiveCell(record, Services, mayRunAlready);
        _cells[record.Id] = cell;
        return cell;
    }

    public void Remove(LiveCell cell) => _cells.TryRemove(new KeyValuePair<string, LiveCell>(cell.Id, cell));

    public async ValueTask DisposeAsync()
    {
        foreach (var cell in All) await cell.DisposeAsync().ConfigureAwait(false);
        Services.WebhookSender.Dispose();
        Services.Database.Dispose();
    }
}
