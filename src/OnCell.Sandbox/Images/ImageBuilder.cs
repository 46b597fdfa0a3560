using System.Diagnostics;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Images;

/// <summary>Builds images, one at a time on a host.</summary>
internal sealed class ImageBuilder(ImageStoreOptions options)
{
    private const int KeptLines = 30;

    private static readonly TimeSpan EndGrace = TimeSpan.FromSeconds(10);

    // Runs below flock(1), so the lock is held by the build itself: a build whose service was killed goes on, and the next
    // service waits for it and finds the image. Whatever a killed build left is removed by the next one.
    private const string BuildScript = """
        set -eu
        folder=$1 digest=$2 manifest=$3; shift 3
        cd "$folder"
        if [ -e "$digest/image.json" ]; then exit 0; fi
        rm -rf --one-file-system .building-* "$digest"
        aside=.building-$digest
        trap 'exit 143' TERM INT HUP
        trap 'rm -rf --one-file-system "$aside"' EXIT
        mkdir -p "$aside"
        mmdebstrap --mode=root --variant=minbase --verbose "$@" 2>&1
        root=$aside/rootfs
        rm -f "$root/etc/resolv.conf" "$root/etc/hostname" "$root/etc/hosts"
        : > "$root/etc/resolv.conf"
        echo cell > "$root/etc/hostname"
        printf '127.0.0.1 localhost\n::1 localhost\n' > "$root/etc/hosts"
        mkdir -p "$root/work" "$root/oncell" "$root/run/oncell" "$root/var/lib/oncell"
        printf '%s' "$manifest" > "$aside/image.json"
        sync -f "$aside"
        mv "$aside" "$digest"
        """;

    internal async Task BuildAsync(
        string digest, PackageSource source, IReadOnlyList<string> packages, string manifest,
        IProgress<ImageProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new ImageProgress("wait", "waiting for the build lock"));
        string[] arguments =
        [
            options.Folder, digest, manifest,
            "--include=" + string.Join(',', packages), source.Suite, $".building-{digest}/rootfs", .. source.Lines,
        ];
        using var process = new Process { StartInfo = StartInfo(BuildScript, arguments) };
        HostCommand.Start(process);
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.BuildTimeout);
        var tail = new Queue<string>();
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token).ConfigureAwait(false) is { } line)
            {
                if (tail.Count == KeptLines)
                    tail.Dequeue();
                tail.Enqueue(line);
                if (IsWorthShowing(line))
                    progress?.Report(new ImageProgress("build", line));
            }

            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SandboxException($"Building image {digest} took longer than {options.BuildTimeout} and was ended.");
        }
        finally
        {
            await EndAsync(process).ConfigureAwait(false);
        }

        if (process.ExitCode != 0)
            throw new SandboxException(
                $"Building image {digest} ({string.Join(", ", packages)}) failed with exit code {process.ExitCode}:\n{string.Join('\n', tail)}");
    }

    // mmdebstrap's and apt's lines about what they do; the rest is noise.
    private static bool IsWorthShowing(string line) =>
        line.StartsWith("I: ", StringComparison.Ordinal) || line.StartsWith("Get:", StringComparison.Ordinal)
        || line.StartsWith("Setting up ", StringComparison.Ordinal) || line.StartsWith("E: ", StringComparison.Ordinal);

    // setsid: the build is a process group of its own, which can be ended as a whole. --no-fork: flock becomes the shell, so
    // its end is the end of the cleaning up too.
    private ProcessStartInfo StartInfo(string script, IEnumerable<string> arguments) => new(
        HostCommand.Find("setsid") ?? "setsid",
        ["flock", "--no-fork", Path.Combine(options.Folder, ".lock"), "sh", "-c", script, "sh", .. arguments])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = false,
        UseShellExecute = false,
        WorkingDirectory = "/",
        Environment = { ["LC_ALL"] = "C" },
    };

    private static async Task EndAsync(Process process)
    {
        if (process.HasExited)
            return;
        _ = Libc.Kill(-process.Id, Libc.SigTerm); // the script's trap removes what was half-made
        using var grace = new CancellationTokenSource(EndGrace);
        try
        {
            await process.WaitForExitAsync(grace.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = Libc.Kill(-process.Id, Libc.SigKill);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
