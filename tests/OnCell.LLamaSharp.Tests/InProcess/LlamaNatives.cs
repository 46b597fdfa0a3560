using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LLama.Native;

namespace OnCell.Tests;

/// <summary>
/// llama.cpp's libraries from the folder that the variable <c>ONCELL_LLAMA_NATIVES</c> names, instead of a LLamaSharp.Backend
/// package: for a machine whose feed has none. Where they are split by processor, the fitting one is chosen.
/// </summary>
internal static class LlamaNatives
{
    [ModuleInitializer]
    internal static void Use()
    {
        if (Environment.GetEnvironmentVariable("ONCELL_LLAMA_NATIVES") is not { Length: > 0 } folder) return;
        var ggml = NativeLibrary.Load(Directory.EnumerateFiles(folder, "libggml.*so*").Order(StringComparer.Ordinal).First());
        LoadAll(NativeLibrary.GetExport(ggml, "ggml_backend_load_all_from_path"), folder);
        NativeLibraryConfig.LLama.WithLibrary(Directory.EnumerateFiles(folder, "libllama.*so*").Order(StringComparer.Ordinal).First());
    }

    private static void LoadAll(nint function, string folder) =>
        Marshal.GetDelegateForFunctionPointer<LoadAllFromPath>(function)(folder);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void LoadAllFromPath([MarshalAs(UnmanagedType.LPUTF8Str)] string folder);
}
