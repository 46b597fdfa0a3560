using System.Runtime.CompilerServices;
using LLama;
using LLama.Exceptions;
using LLama.Native;
using LLama.Sampling;
using Microsoft.Extensions.AI;
using OnCell.LLamaSharp.Answers;

namespace OnCell.LLamaSharp.InProcess;

/// <summary>Asks a <see cref="LLamaSharpModel"/>. Owns it.</summary>
internal sealed class LLamaSharpChatClient(LLamaSharpModel model) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("llamasharp", defaultModelId: model.Name);

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var turns = Turns(messages, options);
        using var sampling = Sampling(options);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, model.Stopping);
        using var place = await Guard(() => model.EnterAsync(stop.Token)).ConfigureAwait(false);
        var prompt = Prompt(turns, place);
        var room = model.ContextTokens - prompt.Length;
        using var answer = new Generation(model.Name, place.Context, sampling, Math.Min(options?.MaxOutputTokens ?? room, room));
        await Guard(async () =>
        {
            await answer.ReadAsync(prompt, stop.Token).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        var id = Guid.NewGuid().ToString("n");
        var ends = new StopText(options?.StopSequences ?? []);
        while (!ends.Stopped && await Guard(() => answer.NextAsync(stop.Token)).ConfigureAwait(false) is { } piece)
        {
            if (ends.Add(piece) is { Length: > 0 } text) yield return Update(id, new TextContent(text));
        }

        if (ends.End() is { Length: > 0 } rest) yield return Update(id, new TextContent(rest));
        var last = Update(id, new UsageContent(new UsageDetails
        {
            InputTokenCount = prompt.Length,
            OutputTokenCount = answer.Count,
            TotalTokenCount = prompt.Length + answer.Count,
        }));
        last.FinishReason = answer.FinishReason ?? ChatFinishReason.Stop;
        yield return last;

        async Task<T> Guard<T>(Func<Task<T>> step)
        {
            try
            {
                return await step().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw model.Stops();
            }
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => model.Dispose();

    private ChatResponseUpdate Update(string id, AIContent content) =>
        new(ChatRole.Assistant, [content]) { ResponseId = id, MessageId = id, ModelId = model.Name, CreatedAt = DateTimeOffset.UtcNow };

    private List<(string Role, string Text)> Turns(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        if (options?.Tools is { Count: > 0 })
            throw No("has no tools: llama.cpp's templates without Jinja do not know them. Ask a model of AddLocalModel, or leave LlmOptions.Tools empty");
        var turns = new List<(string, string)>();
        if (options?.Instructions is { Length: > 0 } instructions) turns.Add((ChatRole.System.Value, Clean(instructions)));
        foreach (var message in messages)
        {
            if (message.Contents.FirstOrDefault(c => c is not (TextContent or TextReasoningContent or UsageContent)) is { } other)
                throw No($"reads text only, and the prompt holds {other.GetType().Name}");
            turns.Add((message.Role.Value, Clean(message.Text)));
        }

        return turns;
    }

    /// <summary>llama.cpp's template ends a text at its first NUL.</summary>
    private static string Clean(string text) => text.Replace('\0', '\uFFFD');

    private LLamaToken[] Prompt(List<(string Role, string Text)> turns, LLamaSharpModel.Place place)
    {
        try
        {
            var template = new LLamaTemplate(place.Weights) { AddAssistant = true };
            foreach (var (role, text) in turns) template.Add(role, text);
            var prompt = LLamaTemplate.Encoding.GetString(template.Apply());
            var tokens = place.Context.Tokenize(prompt, addBos: true, special: true);
            return tokens.Length < model.ContextTokens ? tokens : throw new ModelException(ModelFailure.ContextTooLarge,
                $"The prompt has {tokens.Length} tokens, and the window of the model \"{model.Name}\" {model.ContextTokens} (LLamaSharpModelOptions.ContextTokens): send less (LlmOptions.MaxContextTokens).");
        }
        catch (Exception e) when (e is MissingTemplateException or TemplateNotFoundException)
        {
            throw No($"has weights whose chat template llama.cpp does not know without Jinja ({e.Message}). AddLocalModel does");
        }
    }

    private DefaultSamplingPipeline Sampling(ChatOptions? options)
    {
        var usual = new DefaultSamplingPipeline();
        return new DefaultSamplingPipeline
        {
            Temperature = options?.Temperature ?? usual.Temperature,
            TopP = options?.TopP ?? usual.TopP,
            TopK = options?.TopK ?? usual.TopK,
            FrequencyPenalty = options?.FrequencyPenalty ?? 0,
            PresencePenalty = options?.PresencePenalty ?? 0,
            Seed = options?.Seed is { } seed ? unchecked((uint)seed) : usual.Seed,
            Grammar = Grammar(options?.ResponseFormat),
            // A token that the grammar allows is taken as drawn; only where it does not, all are held against the grammar.
            GrammarOptimization = DefaultSamplingPipeline.GrammarOptimizationMode.Basic,
        };
    }

    private Grammar? Grammar(ChatResponseFormat? format)
    {
        try
        {
            return format is ChatResponseFormatJson json ? new Grammar(JsonSchemaGrammar.Write(json.Schema), "root") : null;
        }
        catch (NotSupportedException e)
        {
            throw No($"cannot be held to the answer's form: {e.Message}. AddLocalModel may");
        }
    }

    private ModelException No(string what) => new(ModelFailure.Rejected, $"The model \"{model.Name}\" {what}.");
}
