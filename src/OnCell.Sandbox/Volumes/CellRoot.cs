using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Volumes;

/// <summary>The root file system of a cell: its image below, the writable layer of its volume above.</summary>
internal static class CellRoot
{
    // The upper layer was written by the sandbox: nothing in it may point elsewhere in the image.
    private const string Fixed = "index=off,metacopy=off,redirect_dir=off,xino=off";

    internal static void Mount(string image, CellVolume volume, string target) =>
        Mounts.Mount("overlay", target, "overlay", OverlayOptions(image, volume.Upper, volume.OverlayWork));

    /// <summary>Gets the options of an overlay mount.</summary>
    internal static string OverlayOptions(string lower, string upper, string work) => $"lowerdir={lower},upperdir={upper},workdir={work},{Fixed}";
}
