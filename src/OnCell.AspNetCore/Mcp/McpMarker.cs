namespace OnCell.AspNetCore.Mcp;

/// <summary>Tells <c>MapOnCellMcp</c> that <c>AddMcp</c> was called.</summary>
internal sealed class McpMarker;
