namespace OnCell.Models.Providers;

/// <summary>What the HTTP layer must know of the model call it carries, and the providers' libraries have no place for.</summary>
/// <param name="Key">The key of the step: the same when the call is made again.</param>
/// <param name="OnWait">Told before each wait that the provider asked for.</param>
internal sealed record ModelCall(string Key, Action<TimeSpan>? OnWait)
{
    private static readonly AsyncLocal<ModelCall?> Flowing = new();

    /// <summary>Gets the call that this asynchronous flow makes.</summary>
    public static ModelCall? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }
}
