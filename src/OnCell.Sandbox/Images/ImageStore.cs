namespace OnCell.Sandboxes.Images;

/// <summary>Base systems of sandboxes: built once, shared read-only.</summary>
public sealed partial class ImageStore
{
}
