using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OnCell.Cells;
using OnCell.Hosting;

namespace OnCell.AspNetCore.Authorization;

/// <summary>Makes the first administrator's key where there is none, so that a fresh service can be reached by its operator only.</summary>
internal sealed class FirstKey(
    CellHost host, CellPaths paths, IOptions<OnCellApiKeyOptions> options, TimeProvider time, ILogger<FirstKey> logger)
    : BackgroundService
{
    private const string FileName = "administrator.key";

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.AdministratorKey is not null) return;
        using var timer = new PeriodicTimer(Period, time);
        while (!host.Status.Ready)
        {
            if (!await timer.WaitForNextTickAsync(stoppingToken)) return;
        }

        var keys = host.Cells.Services.ApiKeys;
        var path = Path.Combine(paths.DataRoot, FileName);

        // An empty file is that of a service that died here: nobody has read its key, so another is made.
        var died = new FileInfo(path) is { Exists: true, Length: 0 };
        if (!died && keys.List().Any(k => k is { Areas: OnCellArea.All, Customer: null })) return;
        File.Delete(path);
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        var (_, text) = keys.Create("first administrator", null, OnCellArea.All, null);
        await file.WriteAsync(Encoding.ASCII.GetBytes(text + "\n"), stoppingToken);
        file.Flush(flushToDisk: true);
        FirstKeyLog.Written(logger, path);
    }
}

internal static partial class FirstKeyLog
{
    [LoggerMessage(5002, LogLevel.Warning, "The first administrator's API key was written to {Path}; keep it elsewhere and delete the file")]
    public static partial void Written(ILogger logger, string path);
}
