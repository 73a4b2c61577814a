using System.Buffers.Binary;
using System.Text;

namespace CpfPipeline.Tests.Unit.Ingest.Sniffing;

/// <summary>Headers of images, made by hand from the formats' specifications.</summary>
internal static class Pictures
{
    public static byte[] Jpeg(int width, int height) =>
    [
        0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0,
        0xFF, 0xC4, 0, 5, 1, 2, 3,
        0xFF, 0xC2, 0, 17, 8, .. Big16(height), .. Big16(width), 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1,
        0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0, 1, 2, 3, 0xFF, 0xD9,
    ];

    public static byte[] Png(int width, int height, int frames = 1) =>
    [
        0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n',
        .. Chunk("IHDR", [.. Big32(width), .. Big32(height), 8, 2, 0, 0, 0]),
        .. frames > 1 ? Chunk("acTL", [.. Big32(frames), .. Big32(0)]) : [],
        .. Chunk("IDAT", [1, 2, 3]), .. Chunk("IEND", []),
    ];

    public static byte[] Gif(int width, int height, int frames)
    {
        byte[] frame = [0x21, 0xF9, 4, 0, 1, 0, 0, 0, 0x2C, 0, 0, 0, 0, .. Little16(width), .. Little16(height), 0, 2, 2, 0x4C, 1, 0];
        return [.. "GIF89a"u8, .. Little16(width), .. Little16(height), 0x80, 0, 0, 0, 0, 0, 255, 255, 255,
            .. Enumerable.Repeat(frame, frames).SelectMany(f => f), 0x3B];
    }

    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="tile">Side of the tiles that the picture is a grid of.</param>
    public static byte[] Avif(int width, int height, int tile) =>
    [
        .. Box("ftyp", [.. "avif"u8, 0, 0, 0, 0, .. "avifmif1"u8]),
        .. Box("meta",
        [
            0, 0, 0, 0, .. Box("hdlr", new byte[24]), .. Box("iprp", Box("ipco", [.. Size(tile, tile), .. Size(width, height)])),
        ]),
        .. Box("mdat", [1, 2, 3]),
    ];

    public static byte[] WebPLossy(int width, int height) =>
        Riff([.. "VP8 "u8, .. Little32(10), 0, 0, 0, 0x9D, 0x01, 0x2A, .. Little16(width), .. Little16(height)]);

    public static byte[] WebPLossless(int width, int height) =>
        Riff([.. "VP8L"u8, .. Little32(10), 0x2F, .. Little32((width - 1) | ((height - 1) << 14)), 0, 0, 0, 0, 0]);

    public static byte[] WebPAnimated(int width, int height, int frames) => Riff(
    [
        .. "VP8X"u8, .. Little32(10), 2, 0, 0, 0, .. Little32(width - 1)[..3], .. Little32(height - 1)[..3],
        .. Enumerable.Repeat((byte[])[.. "ANMF"u8, .. Little32(3), 1, 2, 3, 0], frames).SelectMany(f => f),
    ]);

    public static byte[] Tiff(int width, int height, int pages, bool big)
    {
        var bytes = new List<byte>(big ? [(byte)'M', (byte)'M', 0, 0x2A] : [(byte)'I', (byte)'I', 0x2A, 0]);
        Func<int, byte[]> n16 = big ? Big16 : Little16;
        Func<int, byte[]> n32 = big ? Big32 : Little32;
        bytes.AddRange(n32(8));
        for (var page = 1; page <= pages; page++)
        {
            var next = bytes.Count + 2 + 24 + 4;
            bytes.AddRange([.. n16(2),
                .. n16(256), .. n16(3), .. n32(1), .. n16(width), 0, 0,
                .. n16(257), .. n16(4), .. n32(1), .. n32(height),
                .. n32(page == pages ? 0 : next)]);
        }

        return [.. bytes];
    }

    private static byte[] Riff(byte[] chunks) => [.. "RIFF"u8, .. Little32(chunks.Length + 4), .. "WEBP"u8, .. chunks];

    private static byte[] Chunk(string type, byte[] data) => [.. Big32(data.Length), .. Encoding.ASCII.GetBytes(type), .. data, 0, 0, 0, 0];

    private static byte[] Big16(int n) => [(byte)(n >> 8), (byte)n];

    private static byte[] Little16(int n) => [(byte)n, (byte)(n >> 8)];

    private static byte[] Big32(int n)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, n);
        return bytes;
    }

    private static byte[] Little32(int n)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, n);
        return bytes;
    }

    private static byte[] Size(int width, int height) => Box("ispe", [0, 0, 0, 0, .. Big32(width), .. Big32(height)]);

    private static byte[] Box(string type, byte[] body) => [.. Big32(body.Length + 8), .. Encoding.ASCII.GetBytes(type), .. body];
}
