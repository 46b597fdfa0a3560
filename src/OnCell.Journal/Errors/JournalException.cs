namespace OnCell.Journaling;

/// <summary>A journal operation failed; the message says what failed, where, and what to do.</summary>
public class JournalException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Gets a value indicating whether SQLite itself refused: what the file then holds is unknown.</summary>
    internal bool IsFromSqlite { get; init; }
}

/// <summary>The journal file is open in another process, or twice in this one.</summary>
public sealed class JournalLockedException(string message, Exception? innerException = null)
    : JournalException(message, innerException);

/// <summary>The file is not a journal, is damaged, or contradicts itself.</summary>
public sealed class JournalCorruptException(string message, Exception? innerException = null)
    : JournalException(message, innerException);

/// <summary>The journal was written by a newer version of this library, or the SQLite library is too old.</summary>
public sealed class JournalVersionException(string message) : JournalException(message);

/// <summary>
/// The disk refused a read or a write (full, read-only, I/O error). After a failed write the journal acknowledges
/// nothing more until it is opened again: what was acknowledged before is safe.
/// </summary>
public sealed class JournalStorageException(string message, Exception? innerException = null)
    : JournalException(message, innerException);
