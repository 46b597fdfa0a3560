namespace OnCell.Guest;

/// <summary>The guest's release, for messages to people.</summary>
internal static class Release
{
    public const string Version = "0.1.0";
}
