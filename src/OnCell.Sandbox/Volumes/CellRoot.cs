using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Volumes;

/// <summary>The root file system of a cell: its image below, the writable layer of its volume above.</summary>
internal static class CellRoot
{
    // The upper layer was written by the sandbox: nothing in it may point elsewhere in the image.
    private const string Options = "index=off,metacopy=off,redirect_dir=off,xino=off";

    internal static void Mount(string image, CellVolume volume, string target) => Mounts.Mount(
        "overlay", target, "overlay", $"lowerdir={image},upperdir={volume.Upper},workdir={volume.OverlayWork},{Options}");
}
