using System.Globalization;
using System.Net.Http.Headers;

namespace OnCell.Models.Providers;

/// <summary>How long a provider asks to be left alone.</summary>
internal static class RetryAfter
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>Reads <c>retry-after-ms</c> or <c>Retry-After</c> (seconds or a date).</summary>
    /// <returns>The wait; where the provider names none, it doubles with each attempt.</returns>
    public static TimeSpan Read(HttpResponseHeaders headers, int attempt, TimeProvider time)
    {
        if (headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds is >= 0 and < int.MaxValue)
            return TimeSpan.FromMilliseconds(milliseconds);
        var asked = headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => First * Math.Pow(2, attempt - 1),
        };
        return asked > TimeSpan.Zero ? asked : TimeSpan.Zero;
    }
}
