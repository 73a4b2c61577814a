using NetVips;

namespace CpfPipeline.Tests.DecoderProbe;

/// <summary>libvips' loaders of formats that are not taken.</summary>
internal static class Loaders
{
    private const string Blocked = "operation is blocked";
    private const int AtLeast = 30;
    private static readonly string[] Used = ["jpegload", "pngload", "webpload", "gifload", "tiffload", "heifload"];
    private static readonly byte[] NoPicture = "no picture at all"u8.ToArray();

    /// <summary>Whether each refuses, and each of a format that is taken does not.</summary>
    public static bool AreBlocked()
    {
        var names = NetVips.NetVips.GetOperations().Where(name => name.EndsWith("load_buffer", StringComparison.Ordinal)).ToList();
        var files = NetVips.NetVips.GetOperations().Count(name => name.Split('_')[0].EndsWith("load", StringComparison.Ordinal));
        return files >= AtLeast && names.All(name => Refuses(name) != Used.Contains(name.Split('_')[0]));
    }

    private static bool Refuses(string loader)
    {
        try
        {
            Operation.Call(loader, NoPicture);
            return false;
        }
        catch (VipsException e)
        {
            return e.Message.Contains(Blocked, StringComparison.Ordinal);
        }
    }
}
