using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using LLama;
using LLama.Common;
using LLama.Exceptions;
using LLama.Native;
using Microsoft.Extensions.Logging;

namespace OnCell.LLamaSharp.InProcess;

/// <summary>One model's weights, loaded once when they are first asked, and the contexts that its callers take in turn.</summary>
internal sealed class LLamaSharpModel : IDisposable
{
    private readonly LLamaSharpModelOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _places;
    private readonly ConcurrentBag<LLamaContext> _idle = [];
    private readonly CancellationTokenSource _stop = new();
    private Task<LLamaWeights>? _weights;
    private int _present;

    /// <exception cref="OnCellException">An option is out of its range.</exception>
    public LLamaSharpModel(string name, LLamaSharpModelOptions options, ILogger logger)
    {
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
        string[] messages = [.. faults.Select(f => f.ErrorMessage!), .. options.WeightsSource.Faults()];
        if (messages.Length > 0)
            throw new OnCellException(OnCellError.Invalid, $"AddLLamaSharpModel(\"{name}\"): {string.Join(" ", messages)}");
        (Name, _options, _logger) = (name, options, logger);
        _places = new SemaphoreSlim(options.MaxConcurrent, options.MaxConcurrent);
        Stopping = _stop.Token;
    }

    public string Name { get; }

    public int ContextTokens => _options.ContextTokens;

    /// <summary>Gets what is cancelled when the service ends.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Takes a place in the queue, and waits for it and for the weights.</summary>
    /// <returns>A context, to be given back by disposing.</returns>
    /// <exception cref="ModelException">The queue is full, or the weights cannot be loaded.</exception>
    public async Task<Place> EnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _present) > _options.MaxConcurrent + _options.MaxQueued)
        {
            Interlocked.Decrement(ref _present);
            throw new ModelException(ModelFailure.Busy,
                $"The model \"{Name}\" is busy: {_options.MaxConcurrent} answer and {_options.MaxQueued} wait (LLamaSharpModelOptions.MaxConcurrent, MaxQueued). Try again later.");
        }

        var hasPlace = false;
        try
        {
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            hasPlace = true;
            var weights = await GetWeightsAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!_idle.TryTake(out var context)) context = await Task.Run(() => CreateContext(weights), cancellationToken).ConfigureAwait(false);
            return new Place(this, weights, context);
        }
        catch
        {
            Leave(null, hasPlace);
            throw;
        }
    }

    /// <summary>Frees the weights and the contexts; those in use are freed when their answers, which this cancels, are left.</summary>
    public void Dispose()
    {
        Task<LLamaWeights>? weights;
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) return;
            _stop.Cancel();
            weights = _weights;
        }

        FreeIdle();
        // Each context holds on to the weights, so that they go with the last of them.
        weights?.ContinueWith(
            done => done.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    }

    private Task<LLamaWeights> GetWeightsAsync()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) throw Stops();
            // A load belongs to no caller: who gives up waiting does not end it for the others.
            if (_weights is null or { IsCompleted: true, IsCompletedSuccessfully: false }) _weights = LoadAsync();
            return _weights;
        }
    }

    private async Task<LLamaWeights> LoadAsync()
    {
        await Task.Yield(); // the caller holds the gate
        try
        {
            var path = await _options.WeightsSource.GetAsync(Name, _logger, Stopping).ConfigureAwait(false);
            var watch = Stopwatch.StartNew();
            NativeLogConfig.llama_log_set((_, line) => LLamaSharpLog.Native(_logger, line.TrimEnd()));
            var weights = await LLamaWeights.LoadFromFileAsync(Parameters(path), Stopping).ConfigureAwait(false);
            LLamaSharpLog.Loaded(_logger, Name, watch.Elapsed.TotalSeconds);
            return weights;
        }
        catch (OperationCanceledException)
        {
            throw Stops();
        }
        catch (LoadWeightsFailedException e)
        {
            throw new ModelException(ModelFailure.Rejected,
                $"The weights of the model \"{Name}\" cannot be loaded. Are they a GGUF file that this llama.cpp knows, is the memory enough, and is there a backend for this host? {e.Message}", e);
        }
        catch (Exception e) when (e is RuntimeError or TypeInitializationException or DllNotFoundException or EntryPointNotFoundException)
        {
            throw new ModelException(ModelFailure.Rejected,
                $"llama.cpp cannot be loaded for the model \"{Name}\": the application must reference LLamaSharp.Backend.Cpu, .Cuda12 or another backend, of the version of its LLamaSharp. {(e.InnerException ?? e).Message}", e);
        }
    }

    private LLamaContext CreateContext(LLamaWeights weights)
    {
        try
        {
            return weights.CreateContext(Parameters(path: "")); // the weights are loaded
        }
        catch (RuntimeError e)
        {
            throw new ModelException(ModelFailure.Rejected,
                $"The model \"{Name}\" has no room for {ContextTokens} tokens: lower LLamaSharpModelOptions.ContextTokens, MaxConcurrent or GpuLayers. {e.Message}", e);
        }
    }

    private ModelParams Parameters(string path) => new(path)
    {
        ContextSize = (uint)ContextTokens,
        GpuLayerCount = _options.GpuLayers,
        Threads = _options.Threads,
        BatchThreads = _options.Threads,
    };

    public ModelException Stops() => new(ModelFailure.Unavailable, $"The model \"{Name}\" does not answer: the service stops.");

    private void Leave(LLamaContext? context, bool hadPlace)
    {
        if (context is not null) _idle.Add(context);
        if (_stop.IsCancellationRequested) FreeIdle();
        Interlocked.Decrement(ref _present);
        if (hadPlace) _places.Release();
    }

    private void FreeIdle()
    {
        while (_idle.TryTake(out var context)) context.Dispose();
    }

    /// <summary>A context while one caller has it.</summary>
    internal sealed class Place(LLamaSharpModel model, LLamaWeights weights, LLamaContext context) : IDisposable
    {
        private int _left;

        public LLamaWeights Weights => weights;

        public LLamaContext Context => context;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) model.Leave(context, hadPlace: true);
        }
    }
}
