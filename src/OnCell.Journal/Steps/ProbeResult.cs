namespace OnCell.Journaling;

/// <summary>What a probe found: the effect with its result, or nothing.</summary>
/// <typeparam name="T">The type of the step's result.</typeparam>
public readonly struct ProbeResult<T>
{
    private ProbeResult(T value) => (Found, Value) = (true, value);

    /// <summary>Gets a value indicating whether the effect is there.</summary>
    public bool Found { get; }

    /// <summary>Gets the result of the effect that was found.</summary>
    public T? Value { get; }

    /// <summary>Says that the effect is there, with the result the step would have had.</summary>
    /// <param name="value">The step's result.</param>
    /// <returns>The probe's answer.</returns>
    public static ProbeResult<T> Done(T value) => new(value);

    /// <summary>Says that the effect is not there, so that the step is to be run.</summary>
    /// <returns>The probe's answer.</returns>
    public static ProbeResult<T> NotDone() => default;
}
