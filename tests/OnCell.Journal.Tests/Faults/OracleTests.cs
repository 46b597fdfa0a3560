using CsCheck;
using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Faults;

/// <summary>Random operations and restarts, compared with a model that is a few dictionaries.</summary>
public class OracleTests
{
    private static readonly Gen<(int Kind, int Run, int Value)[]> Operations =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3], Gen.Int[0, 99]).Array[10, 60];

    [Fact]
    public async Task The_journal_is_what_the_model_says() => await Operations.SampleAsync(
        async operations =>
        {
            await using var file = new TestJournal();
            var model = new Model(await file.ReopenAsync());
            foreach (var (kind, run, value) in operations)
            {
                if (kind == 0)
                    await model.RestartAsync(await file.ReopenAsync());
                else
                    await model.ApplyAsync(kind, $"run-{run}", value);
            }

            await model.RestartAsync(await file.ReopenAsync());
            await model.CheckAsync();
            await model.LeaveAsync();
        },
        iter: 30,
        threads: 1);

    private sealed class Model(DurableJournal journal)
    {
        private readonly Dictionary<string, List<int>> _steps = [];
        private readonly Dictionary<string, RunState> _states = [];
        private readonly Dictionary<string, int> _memory = [];
        private readonly Dictionary<string, JournalRun> _live = [];
        private DurableJournal _journal = journal;

        public async Task ApplyAsync(int kind, string id, int value)
        {
            switch (kind)
            {
                case 1:
                    await StartAsync(id);
                    break;
                case 2 when IsOpen(id):
                    await _live[id].CompleteAsync($"{value}", default);
                    _states[id] = RunState.Completed;
                    break;
                case 3 when IsOpen(id):
                    await _journal.CancelRunAsync(id, default);
                    await _live[id].EndCancelledAsync(default);
                    _states[id] = RunState.Cancelled;
                    break;
                case 4 when _states.ContainsKey(id) && !IsOpen(id):
                    await _journal.DeleteRunAsync(id, default);
                    _states.Remove(id);
                    _steps.Remove(id);
                    break;
                case 5 when IsOpen(id):
                    await _live[id].Memory.SetAsync(id, value, default);
                    _memory[id] = value;
                    _steps[id].Add(-value - 1);
                    break;
                case 6 when IsOpen(id):
                    await _live[id].DisposeAsync();
                    await ResumeAsync(id);
                    break;
                default:
                    if (IsOpen(id))
                        await StepAsync(id, value);
                    break;
            }
        }

        /// <summary>Leaves everything as it is and goes on with another process's journal.</summary>
        public async Task RestartAsync(DurableJournal journal)
        {
            _journal = journal;
            _live.Clear();
            foreach (var id in _states.Keys.Where(IsOpen))
                await ResumeAsync(id);
        }

        public async Task CheckAsync()
        {
            var runs = await _journal.ListRunsAsync(null, default);
            Assert.Equal(_states.OrderBy(state => state.Key), runs.ToDictionary(run => run.Id, run => run.State).OrderBy(state => state.Key));
            foreach (var (id, steps) in _steps)
                Assert.Equal(steps.Count, (await _journal.ListStepsAsync(id, default)).Count);
            foreach (var (key, value) in _memory)
                Assert.Equal(value, await _journal.Memory.GetAsync<int>(key, default));
        }

        public async Task LeaveAsync()
        {
            foreach (var run in _live.Values)
                await run.DisposeAsync();
        }

        private bool IsOpen(string id) => _states.GetValueOrDefault(id) == RunState.Running;

        private async Task StartAsync(string id)
        {
            var run = await _journal.StartAsync(id);
            Assert.Equal(!_states.ContainsKey(id), run.Created);
            if (!run.Created)
                return;
            (_states[id], _steps[id], _live[id]) = (RunState.Running, [], run);
        }

        private async Task StepAsync(string id, int value)
        {
            Assert.Equal(value, await _live[id].DoAsync((StepEffect)((value % 6) + 1), _ => value));
            _steps[id].Add(value);
        }

        /// <summary>Executes the run from the top: every step returns what the model remembers.</summary>
        private async Task ResumeAsync(string id)
        {
            var run = _live[id] = await _journal.ResumeRunAsync(id, default);
            foreach (var value in _steps[id])
            {
                Assert.True(run.Replaying);
                if (value < 0)
                    await run.Memory.SetAsync(id, -value - 1, default);
                else
                    Assert.Equal(value, await run.DoAsync((StepEffect)((value % 6) + 1), _ => -1));
            }

            Assert.False(run.Replaying);
        }
    }
}
