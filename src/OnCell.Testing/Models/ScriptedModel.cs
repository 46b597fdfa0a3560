using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OnCell.Testing.Crashes;

namespace OnCell.Testing;

/// <summary>A model that answers by script. As a provider with idempotency keys does, it answers a repeated call as before.</summary>
public sealed class ScriptedModel : IChatClient
{
    private readonly List<(string[] Words, Func<string, string> Answer)> _rules = [];
    private readonly ConcurrentDictionary<string, (string Request, string Answer)> _answered = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly CrashPoint? _crashes;

    /// <summary>Makes a model for a service with real cells: <c>AddModel("scripted", _ => model)</c>.</summary>
    public ScriptedModel()
    {
    }

    internal ScriptedModel(CrashPoint crashes) => _crashes = crashes;

    /// <summary>Gets the requests that were answered, each paid for once: a call repeated after a crash is not counted again.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>Answers requests in which all the words occur. The latest rule that fits counts.</summary>
    /// <param name="words">The words; none for every request.</param>
    /// <returns>What to give the answer to.</returns>
    public Rule When(params string[] words) => new(this, words);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No rule fits, or a repeated call asks something else than it did.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        _crashes?.ThrowIfDead();
        var request = string.Join('\n', messages.Select(m => m.Text));
        var key = options?.AdditionalProperties?.TryGetValue("oncell.step_key", out string? value) == true && value is not null
            ? value : $"without a key {Guid.NewGuid():n}";
        var (asked, answer) = _answered.GetOrAdd(key, _ =>
        {
            var text = Find(request)(request);
            _requests.Enqueue(request);
            return (request, text);
        });
        return asked == request
            ? Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answer))
            {
                ModelId = "scripted",
                Usage = new() { InputTokenCount = request.Length / 4, OutputTokenCount = answer.Length / 4, TotalTokenCount = (request.Length + answer.Length) / 4 },
            })
            : throw new InvalidOperationException($"The step {key} asks the model something else than it did before the crash.");
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false)).ToChatResponseUpdates())
            yield return update;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    /// <summary>Does nothing: the script outlives each service that asks it.</summary>
    public void Dispose()
    {
    }

    private Func<string, string> Find(string request)
    {
        lock (_rules)
        {
            return _rules.FindLast(r => r.Words.All(w => request.Contains(w, StringComparison.Ordinal))).Answer
                ?? throw new InvalidOperationException(
                    $"ScriptedModel: no rule fits this request; add Model.When(…).Answer(…). It ends: …{request[Math.Max(0, request.Length - 400)..]}");
        }
    }

    /// <summary>What a rule of a <see cref="ScriptedModel"/> answers.</summary>
    public sealed class Rule
    {
        private readonly ScriptedModel _model;
        private readonly string[] _words;

        internal Rule(ScriptedModel model, string[] words) => (_model, _words) = (model, words);

        /// <summary>Answers with a text.</summary>
        /// <param name="text">The text.</param>
        public ScriptedModel Answer(string text) => Answer(_ => text);

        /// <summary>Answers with a value as JSON, for <see cref="CellContext.LlmAsync{T}"/>.</summary>
        /// <typeparam name="T">The value's type.</typeparam>
        /// <param name="value">The value.</param>
        public ScriptedModel AnswerWith<T>(T value) => Answer(JsonSerializer.Serialize(value, OnCellJson.Options));

        /// <summary>Answers with what comes of the request.</summary>
        /// <param name="answer">The answer; it depends on the request alone.</param>
        public ScriptedModel Answer(Func<string, string> answer)
        {
            lock (_model._rules) _model._rules.Add((_words, answer));
            return _model;
        }
    }
}
