namespace OnCell.Journaling.Storage;

/// <summary>
/// One process per journal: an exclusive <c>flock</c> on a file beside it. The kernel lets go of it when the process dies,
/// however it dies, so there is nothing to clean up and no process id to mistake for another's.
/// </summary>
internal sealed class ProcessLock : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);
    private readonly FileStream _file;

    private ProcessLock(FileStream file) => _file = file;

    public static async Task<ProcessLock> AcquireAsync(string journalPath, JournalOptions options, CancellationToken ct)
    {
        // The wall's clock, not the journal's: a test that stands still must not wait for ever.
        var clock = TimeProvider.System;
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                // FileShare.None is flock(LOCK_EX | LOCK_NB) on Unix and a share mode on Windows.
                return new ProcessLock(new FileStream(
                    journalPath + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1));
            }
            catch (IOException error) when (IsHeld(error))
            {
                if (clock.GetElapsedTime(began) >= options.LockTimeout)
                {
                    throw new JournalLockedException(
                        $"journal {journalPath} is open elsewhere (waited {options.LockTimeout.TotalSeconds:0.#} s): "
                        + "close it there, or end that process; its lock goes with it.", error);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new JournalStorageException(
                    $"journal {journalPath}: its lock file cannot be opened ({error.Message}). "
                    + "Check that the folder exists and that this process may write there.", error);
            }

            await Task.Delay(PollInterval, clock, ct).ConfigureAwait(false);
        }
    }

    public void Dispose() => _file.Dispose();

    // Folder missing and the like are subclasses of IOException; a held lock is the plain one.
    private static bool IsHeld(IOException error) => error.GetType() == typeof(IOException) && (error.HResult & 0xffff) is 11 or 32 or 33;
}
