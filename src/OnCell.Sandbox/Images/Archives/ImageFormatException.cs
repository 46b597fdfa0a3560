namespace OnCell.Sandboxes.Images.Archives;

/// <summary>An archive is damaged or hostile. The message names what and where.</summary>
internal sealed class ImageFormatException(string message, Exception? innerException = null) : SandboxException(message, innerException);
