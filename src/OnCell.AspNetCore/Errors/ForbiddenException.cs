namespace OnCell.AspNetCore.Errors;

/// <summary>The caller is known and may not do this.</summary>
internal sealed class ForbiddenException(string message) : Exception(message);
