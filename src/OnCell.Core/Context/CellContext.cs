using Microsoft.Extensions.Logging;
using OnCell.Indexing;
using OnCell.Journaling;
using OnCell.Runs;

namespace OnCell;

/// <summary>A customer's cell, as an agent's method sees it during one run. Each call is a step of the run's journal.</summary>
/// <remarks>
/// After a crash the method is executed again from its start, and each call returns the saved result of the step it stood
/// for, in order, until the first unfinished one. So calls must be made in the same order each time: nothing outside the
/// context may decide which comes next.
/// </remarks>
public sealed partial class CellContext
{
    private readonly RunSession _session;
    private readonly ILogger _logger;

    internal CellContext(RunSession session, ILogger logger)
    {
        _session = session;
        _logger = logger;
        Memory = new AgentMemory(session);
        Files = new CellFiles(session);
        Processes = new CellProcesses(session);
        Ports = new CellPorts(session);
        Snapshots = new CellSnapshots(session);
        Tools = new CellTools(this);
        Logger = new ReplayAwareLogger(logger, session);
    }

    /// <summary>Gets the customer's id.</summary>
    public string Customer => _session.Cell.Id;

    /// <summary>Gets the run's id.</summary>
    public string RunId => _session.Run.Id;

    /// <summary>Gets the customer's settings.</summary>
    public IReadOnlyDictionary<string, string> Config => _session.Cell.Record.Config;

    /// <summary>Gets the customer's memory: JSON values by key, written exactly once with the step.</summary>
    public AgentMemory Memory { get; }

    /// <summary>Gets the files of the cell.</summary>
    public CellFiles Files { get; }

    /// <summary>Gets the commands that go on in the background of the cell.</summary>
    public CellProcesses Processes { get; }

    /// <summary>Gets the servers inside the cell.</summary>
    public CellPorts Ports { get; }

    /// <summary>Gets the copies of the cell's disk.</summary>
    public CellSnapshots Snapshots { get; }

    /// <summary>Gets tools over the cell, for a model to call.</summary>
    public CellTools Tools { get; }

    /// <summary>Gets a logger that is silent while the run repeats what it did before a crash.</summary>
    public ILogger Logger { get; }

    /// <summary>Gets a token that is cancelled when the run is, or when the service stops.</summary>
    public CancellationToken CancellationToken => _session.CancellationToken;

    /// <summary>Runs a command line in which every hole is quoted: <c>$"git commit -m {message}"</c>.</summary>
    /// <param name="command">The interpolated command line.</param>
    /// <param name="options">How it runs.</param>
    public ShellCall ShellAsync(ShellCommand command, ShellOptions? options = null) =>
        new(ShellStep.RunAsync(_session, command.ToString(), options ?? new ShellOptions()));

    /// <summary>Runs a command line exactly as it is, for lines that are meant to be whole: a model's, or one without holes.</summary>
    /// <param name="commandLine">The command line. Never put a value into it: use the interpolated form.</param>
    /// <param name="options">How it runs.</param>
    public ShellCall ShellAsync(string commandLine, ShellOptions? options = null) =>
        new(ShellStep.RunAsync(_session, commandLine, options ?? new ShellOptions()));

    /// <summary>Asks a model.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="options">How it is asked.</param>
    /// <exception cref="StepFailedException">It did not answer; the inner exception is a <see cref="ModelException"/> that says why.</exception>
    public Task<LlmResult> LlmAsync(string prompt, LlmOptions? options = null) =>
        LlmStep.AskAsync(_session, prompt, options ?? new LlmOptions());

    /// <summary>Asks a model for an answer of a given form.</summary>
    /// <typeparam name="T">The form; its JSON schema is sent along.</typeparam>
    /// <param name="prompt">The prompt.</param>
    /// <param name="options">How it is asked.</param>
    /// <exception cref="StepFailedException">It did not answer; the inner exception is a <see cref="ModelException"/> that says why.</exception>
    /// <exception cref="OnCellException">Three answers in a row did not have the form.</exception>
    public Task<T> LlmAsync<T>(string prompt, LlmOptions? options = null) =>
        LlmStep.AskAsync<T>(_session, prompt, options ?? new LlmOptions());

    /// <summary>Brings the cell's code index up to date.</summary>
    /// <param name="path">The folder, <c>/work</c> or one below it.</param>
    /// <param name="globs">Which files, such as <c>**/*.{ts,py}</c>; none for all text files.</param>
    public Task<IndexReport> IndexAsync(string path = "/work", params string[] globs) =>
        IndexSteps.IndexAsync(_session, path, globs);

    /// <summary>Searches the cell's code index.</summary>
    /// <param name="query">Plain language or identifiers.</param>
    /// <param name="topK">How many hits, 1 to 1,000.</param>
    public Task<IReadOnlyList<SearchHit>> SearchAsync(string query, int topK = 10) =>
        IndexSteps.SearchAsync(_session, query, topK);
}
