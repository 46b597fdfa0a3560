using System.Diagnostics;
using System.Globalization;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>The same Python on files in a cell and on the host, on the same kind of volume.</summary>
internal static class FilesBenchmark
{
    private static readonly (string Name, string Program)[] Programs =
    [
        ("create_1000", "os.mkdir('s')\nfor i in range(1000):\n    with open(f's/{i}', 'w') as f: f.write('x' * 100)"),
        ("stat_1000", "for i in range(1000): os.stat(f's/{i}')"),
        ("read_1000", "for i in range(1000):\n    with open(f's/{i}') as f: f.read()"),
        ("write", "with open('big', 'wb') as f:\n    for i in range(256): f.write(b'x' * (1 << 20))"),
        ("read", "with open('big', 'rb') as f:\n    while f.read(1 << 20): pass"),
        ("git_add", "run('git init -q . && git add s && git -c user.name=x -c user.email=x@x commit -qm x')"),
        ("git_status", "run('git status')"),
        ("git_clone", "run('git clone -q . ../clone')"),
    ];

    /// <summary>Gets the programs that make and read many small files, in their order.</summary>
    public static IEnumerable<(string Name, string Program)> SmallFilePrograms => Programs.Where(p => p.Name is "create_1000" or "stat_1000" or "read_1000" or "git_add" or "git_status");

    public static async Task RunAsync(BenchmarkReport report, BenchmarkLab lab)
    {
        var cell = await lab.StartAsync("files");
        await BenchmarkLab.ShellAsync(cell, "mkdir /work/tree");
        var host = Directory.CreateDirectory(lab.DataRoot + "/host/tree").FullName;
        foreach (var (name, program) in Programs)
        {
            var inCell = await BenchmarkLab.PythonAsync(cell, Timed("/work/tree", program));
            var onHost = await HostAsync(Timed(host, program));
            report.Add($"{name}_ms", inCell, "ms", string.Create(CultureInfo.InvariantCulture, $"host {onHost:0.##} ms"));
            report.Add($"{name}_over_host", inCell / onHost, "ratio");
        }

        await cell.StopAsync(CancellationToken.None);
    }

    public static string Timed(string folder, string program) =>
        $"""
        import os, subprocess, time
        def run(line): subprocess.run(line, shell=True, check=True, stdout=subprocess.DEVNULL)
        os.chdir('{folder}')
        start = time.perf_counter()
        {program}
        print((time.perf_counter() - start) * 1000)
        """;

    private static async Task<double> HostAsync(string program)
    {
        using var process = Process.Start(new ProcessStartInfo("python3", ["-c", program]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return double.Parse(output, CultureInfo.InvariantCulture);
    }
}
