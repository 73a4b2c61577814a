namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

/// <summary>GIFs by hand, and the parts of others.</summary>
internal static class GifFile
{
    /// <summary>One frame of one colour, which has no transparent colour, on a canvas that may be larger.</summary>
    public static byte[] Make(int canvasWidth, int canvasHeight, int left, int top, int width, int height, (byte R, byte G, byte B) colour)
    {
        // Codes of 8 bits that stand for themselves, with a clear code often enough that they never grow longer.
        var pixels = width * height;
        var codes = new List<int>();
        for (var i = 0; i < pixels; i++)
        {
            if (i % 100 == 0)
            {
                codes.Add(128);
            }

            codes.Add(1);
        }

        codes.Add(129);
        byte[] file =
        [
            .. "GIF89a"u8, (byte)canvasWidth, (byte)(canvasWidth >> 8), (byte)canvasHeight, (byte)(canvasHeight >> 8), 0xF6, 0, 0,
            0, 0, 0, colour.R, colour.G, colour.B, .. new byte[3 * 126],
            0x2C, (byte)left, (byte)(left >> 8), (byte)top, (byte)(top >> 8), (byte)width, (byte)(width >> 8), (byte)height,
            (byte)(height >> 8), 0, 7,
        ];
        var data = codes.Select(c => (byte)c).Chunk(255).SelectMany(block => (byte[])[(byte)block.Length, .. block]);
        return [.. file, .. data, 0, 0x3B];
    }

    /// <summary>Where each sub-block of the first frame's data begins.</summary>
    public static List<int> SubBlocksOfTheFirstFrame(byte[] gif)
    {
        var at = 13 + Table(gif[10]);
        while (gif[at] == 0x21)
        {
            at = Blocks(gif, at + 2)[^1] + 1;
        }

        var blocks = Blocks(gif, at + 11 + Table(gif[at + 9]));
        return blocks[..^1];
    }

    private static int Table(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    // The last one is the empty one.
    private static List<int> Blocks(byte[] gif, int at)
    {
        var starts = new List<int> { at };
        for (; gif[at] != 0; starts.Add(at))
        {
            at += gif[at] + 1;
        }

        return starts;
    }
}
