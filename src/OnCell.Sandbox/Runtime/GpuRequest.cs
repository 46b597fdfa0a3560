using System.Globalization;
using System.Text.RegularExpressions;

namespace OnCell.Sandboxes;

/// <summary>The graphics processors that a sandbox wants for itself, through gVisor's nvproxy.</summary>
/// <remarks>
/// The sandbox gets the devices. The driver's libraries are the host's and must fit its kernel module: mount them with
/// <see cref="SandboxSpec.ReadOnlyMounts"/>, or have them in the image.
/// </remarks>
public sealed partial record GpuRequest
{
    // What nvproxy of the oldest runsc that is accepted here was written for.
    private static readonly string[] Models = ["T4", "L4", "L40S", "A10G", "A100", "H100", "V100"];

    private GpuRequest(string model, int count) => (Model, Count) = (model, count);

    /// <summary>Gets the model, such as <c>L4</c>.</summary>
    public string Model { get; }

    /// <summary>Gets how many.</summary>
    public int Count { get; }

    /// <summary>Reads a text such as <c>L4</c> or <c>2xA10G</c>.</summary>
    /// <exception cref="ArgumentException">It names no GPU that gVisor knows, or not 1 to 16 of them.</exception>
    public static GpuRequest Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var match = Pattern().Match(text);
        var model = Models.FirstOrDefault(m => string.Equals(m, match.Groups["model"].Value, StringComparison.OrdinalIgnoreCase));
        if (!match.Success || model is null)
            throw new ArgumentException($"\"{text}\" is not a GPU: use one of {string.Join(", ", Models)}, or several as in 2xL4.", nameof(text));
        var count = match.Groups["count"].Value is { Length: > 0 } digits ? int.Parse(digits, CultureInfo.InvariantCulture) : 1;
        return count is >= 1 and <= 16
            ? new GpuRequest(model, count)
            : throw new ArgumentException($"{count} GPUs were asked for; 1 to 16 are possible.", nameof(text));
    }

    /// <inheritdoc/>
    public override string ToString() => Count == 1 ? Model : string.Create(CultureInfo.InvariantCulture, $"{Count}x{Model}");

    [GeneratedRegex(@"\A((?<count>\d{1,2})x)?(?<model>[A-Za-z0-9]{1,8})\z")]
    private static partial Regex Pattern();
}
