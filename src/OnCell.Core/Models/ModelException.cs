namespace OnCell;

/// <summary>Why a model did not answer.</summary>
public enum ModelFailure
{
    /// <summary>No model or provider of that name is registered, or the provider does not have it.</summary>
    UnknownModel,

    /// <summary>The provider refused the key (401, 403).</summary>
    Unauthorized,

    /// <summary>The provider's rate limit outlasts what may be waited for.</summary>
    RateLimited,

    /// <summary>Prompt and answer do not fit the model's window.</summary>
    ContextTooLarge,

    /// <summary>The provider refused the request for another reason.</summary>
    Rejected,

    /// <summary>The provider is down, cannot be reached, or the connection broke.</summary>
    Unavailable,

    /// <summary>The provider sent what its protocol does not know: malformed JSON, a stream cut short.</summary>
    BadAnswer,

    /// <summary>No answer came within <see cref="LlmOptions.Timeout"/>.</summary>
    TimedOut,

    /// <summary>The cell is air-gapped, and the model is not a local one.</summary>
    AirGapped,

    /// <summary>The local model's queue is full.</summary>
    Busy,
}

/// <summary>A model did not answer. The message names the provider, the cause and the fix.</summary>
/// <remarks>An agent's code sees it as the inner exception of the failed step's, and its text again when the run is replayed.</remarks>
public sealed class ModelException(ModelFailure failure, string message, Exception? innerException = null)
    : OnCellException(Kind(failure), message, innerException)
{
    /// <summary>Gets why.</summary>
    public ModelFailure Failure { get; } = failure;

    /// <summary>Gets whether the same call may succeed a little later. Such calls are tried again by themselves.</summary>
    public bool IsTransient => Failure is ModelFailure.RateLimited or ModelFailure.Unavailable or ModelFailure.BadAnswer or ModelFailure.Busy;

    private static OnCellError Kind(ModelFailure failure) => failure switch
    {
        ModelFailure.UnknownModel or ModelFailure.AirGapped or ModelFailure.ContextTooLarge => OnCellError.Invalid,
        ModelFailure.RateLimited or ModelFailure.Busy => OnCellError.Busy,
        _ => OnCellError.Failed,
    };
}
