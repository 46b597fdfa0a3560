using System.Text;
using OnCell.Guest.Native;

namespace OnCell.Guest;

/// <summary>Lines on standard error, which the runtime keeps as the container's log.</summary>
/// <remarks>Not <see cref="Console"/>: it would set up encodings, a terminal and signal handlers in every cell.</remarks>
internal static class Log
{
    private static readonly Fd StandardError = new(2);

    public static void Error(string what, Exception e) => Line($"error: {what}: {e.GetType().Name}: {e.Message}");

    public static void Line(string text)
    {
        try
        {
            StandardError.Write(Encoding.UTF8.GetBytes($"oncell-guest: {text}\n"));
        }
        catch (ErrnoException)
        {
            // Nobody listens; there is nowhere else to say it.
        }
    }
}
