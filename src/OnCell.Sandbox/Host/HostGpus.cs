using System.Globalization;

namespace OnCell.Sandboxes.Host;

/// <summary>A graphics processor of this host.</summary>
/// <param name="Model">Its name, such as <c>NVIDIA L4</c>.</param>
/// <param name="Minor">The number of its device, <c>/dev/nvidia0</c> and so on.</param>
internal sealed record HostGpu(string Model, int Minor);

/// <summary>A character device of this host.</summary>
/// <param name="Path">Its node.</param>
/// <param name="Major">Its driver's number.</param>
/// <param name="Minor">Its own number.</param>
internal sealed record HostDevice(string Path, int Major, int Minor);

/// <summary>The host's NVIDIA devices, as the driver tells them.</summary>
internal static class HostGpus
{
    private const string Driver = "/proc/driver/nvidia/gpus";

    internal static IReadOnlyList<HostGpu> Read(string driver = Driver) => Directory.Exists(driver)
        ? [.. Directory.GetDirectories(driver).Order(StringComparer.Ordinal).Select(folder => Parse(File.ReadAllLines(folder + "/information"))).OfType<HostGpu>()]
        : [];

    /// <summary>Chooses the devices for a request.</summary>
    /// <exception cref="SandboxException">The host does not have them.</exception>
    internal static IReadOnlyList<HostGpu> Choose(GpuRequest request, IReadOnlyList<HostGpu> gpus)
    {
        HostGpu[] fitting = [.. gpus.Where(gpu => gpu.Model.Split(' ', '-').Contains(request.Model, StringComparer.OrdinalIgnoreCase)).Take(request.Count)];
        if (fitting.Length == request.Count)
            return fitting;
        var found = gpus.Count == 0 ? "no NVIDIA GPU, or no driver for it" : string.Join(", ", gpus.Select(gpu => gpu.Model));
        throw new SandboxException(
            $"The sandbox asks for GPU {request} and this host has {found}. Ask for what there is, or start it on a host that has such GPUs with NVIDIA's driver.");
    }

    /// <summary>Gets the devices that nvproxy needs for some GPUs; none for none.</summary>
    /// <exception cref="SandboxException">One of them has no node.</exception>
    internal static IReadOnlyList<HostDevice> Devices(IReadOnlyList<HostGpu> gpus) => gpus.Count == 0
        ? []
        : [.. gpus.Select(gpu => $"/dev/nvidia{gpu.Minor}").Prepend("/dev/nvidia-uvm").Prepend("/dev/nvidiactl").Select(DeviceAt)];

    private static HostDevice DeviceAt(string path) => Libc.DeviceNumber(path) is var (major, minor)
        ? new HostDevice(path, major, minor)
        : throw new SandboxException($"The GPU's device {path} is missing: load NVIDIA's driver ('nvidia-modprobe -u -c=0').");

    private static HostGpu? Parse(string[] lines) =>
        Field(lines, "Model") is { } model && int.TryParse(Field(lines, "Device Minor"), NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? new HostGpu(model, minor)
            : null;

    private static string? Field(string[] lines, string name) =>
        lines.FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal)) is { } line ? line[(name.Length + 1)..].Trim() : null;
}
