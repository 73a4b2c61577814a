using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// libvips' process-wide settings, applied once: one thread an image (services run images side by side), no operation cache (memory stays
/// flat over any number of images), only the loaders of <see cref="ImageFormat"/>, and no warnings printed past the log.
/// </summary>
internal static class VipsRuntime
{
    private static readonly string[] Loaders =
    [
        "VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif", "VipsForeignLoadTiff",
        "VipsForeignLoadHeif",
    ];

    // libvips keeps a pointer to the delegate: it must never be collected.
    private static readonly Log.LogDelegate Silent = (_, _, _) => { };

    private static readonly Lazy<bool> Started = new(Start);

    public static void EnsureStarted() => _ = Started.Value;

    private static bool Start()
    {
        if (!ModuleInitializer.VipsInitialized)
        {
            throw new InvalidOperationException("libvips did not load", ModuleInitializer.Exception);
        }

        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        Cache.MaxMem = 0;
        Cache.MaxFiles = 0;
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.All, Silent);
        Operation.Block("VipsForeignLoad", true);
        foreach (var loader in Loaders)
        {
            Operation.Block(loader, false);
        }

        return true;
    }
}
