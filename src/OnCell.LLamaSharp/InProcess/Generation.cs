using LLama;
using LLama.Exceptions;
using LLama.Native;
using LLama.Sampling;
using Microsoft.Extensions.AI;

namespace OnCell.LLamaSharp.InProcess;

/// <summary>One answer: the prompt is read, then token after token is drawn. Each step runs on a thread of the pool.</summary>
internal sealed class Generation(string model, LLamaContext context, ISamplingPipeline sampling, int maxTokens) : IDisposable
{
    /// <summary>Tokens read at once: enough for the processors, and few enough that a cancelled call ends soon and others get their turn.</summary>
    private const int Chunk = 128;

    private readonly LLamaBatch _batch = new();
    private readonly StreamingTokenDecoder _decoder = new(context);
    private LLamaToken _last;
    private int _position;

    /// <summary>Gets how many tokens the answer has.</summary>
    public int Count { get; private set; }

    /// <summary>Gets why it ended, once it did.</summary>
    public ChatFinishReason? FinishReason { get; private set; }

    public void Dispose() => sampling.Dispose();

    /// <summary>Reads the prompt. Nothing of the context's earlier callers is left in it.</summary>
    public Task ReadAsync(LLamaToken[] prompt, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            context.NativeHandle.MemoryClear();
            foreach (var chunk in prompt.Chunk(Chunk))
            {
                cancellationToken.ThrowIfCancellationRequested();
                _batch.Clear();
                foreach (var token in chunk)
                {
                    _batch.Add(token, _position, LLamaSeqId.Zero, logits: _position == prompt.Length - 1);
                    _position++;
                }

                Decode();
            }
        },
        cancellationToken);

    /// <summary>Draws the next token.</summary>
    /// <returns>Its text, empty while a character is not complete; <see langword="null"/> at the end.</returns>
    public Task<string?> NextAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            if (Count == maxTokens) return End(ChatFinishReason.Length);
            if (Count > 0)
            {
                _batch.Clear();
                _batch.Add(_last, _position++, LLamaSeqId.Zero, logits: true);
                Decode();
            }

            _last = sampling.Sample(context.NativeHandle, _batch.TokenCount - 1);
            if (_last.IsEndOfGeneration(context.Vocab)) return End(ChatFinishReason.Stop);
            Count++;
            _decoder.Add(_last);
            return _decoder.Read();
        },
        cancellationToken);

    private string? End(ChatFinishReason reason)
    {
        FinishReason = reason;
        return null;
    }

    private void Decode()
    {
        try
        {
            if (context.Decode(_batch) is var result and not DecodeResult.Ok)
                throw new ModelException(ModelFailure.Unavailable, $"The model \"{model}\" could not go on: llama.cpp says {result}.");
        }
        catch (RuntimeError e)
        {
            throw new ModelException(ModelFailure.Unavailable, $"The model \"{model}\" could not go on: {e.Message}", e);
        }
    }
}
