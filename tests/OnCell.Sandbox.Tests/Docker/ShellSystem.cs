using OnCell.Sandbox.Tests.Images;

namespace OnCell.Sandbox.Tests.Docker;

/// <summary>The smallest base system that has a shell: a few files of a larger one.</summary>
internal static class ShellSystem
{
    private static readonly (string Name, string Origin)[] Files =
        [("bin/sh", "usr/bin/dash"), ("bin/sleep", "usr/bin/sleep"), ("lib64/ld-linux-x86-64.so.2", "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"), ("lib/x86_64-linux-gnu/libc.so.6", "usr/lib/x86_64-linux-gnu/libc.so.6")];

    internal static byte[] Tar(string rootFileSystem) => Files.Aggregate(
        new TarBuilder().Folder("bin").Folder("lib64").Folder("lib").Folder("lib/x86_64-linux-gnu"),
        (tar, file) => tar.File(file.Name, File.ReadAllBytes($"{rootFileSystem}/{file.Origin}"), 0b111_101_101)).End();
}
