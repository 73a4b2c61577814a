using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace CpfPipeline.Vision.Integrity;

/// <summary>
/// What is wrong with a PNG: its chunks up to IEND, the checksums of the critical ones, and how many bytes of rows the image data unpack
/// to. Used only when libpng has found a fault.
/// </summary>
internal static class PngChunks
{
    // A header that is refused may claim any size; 100 million pixels of eight bytes fit.
    private const long MaxUnpackedBytes = 1L << 30;

    private const int HeaderEnd = 33;
    private const int Overhead = 12;

    /// <summary>Null when the critical chunks and the rows are all there.</summary>
    public static Damage? Find(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderEnd)
        {
            return Damage.Cut("the PNG ends within its header");
        }

        using var data = new ImageData();
        var at = 8;
        while (true)
        {
            if (at + Overhead > bytes.Length)
            {
                return Damage.Cut("the PNG ends before its IEND chunk");
            }

            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
            var type = bytes.Slice(at + 4, 4);
            var name = NameOf(type);
            if (length > bytes.Length - at - Overhead)
            {
                return Damage.Cut($"the PNG ends within its {name} chunk");
            }

            var body = bytes.Slice(at + 8, (int)length);
            var checksum = BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 8 + (int)length)..]);
            if (IsCritical(type) && Crc(bytes.Slice(at + 4, (int)length + 4)) != checksum)
            {
                return Damage.Broken($"the checksum of the PNG's {name} chunk is wrong");
            }

            if (name == "IEND")
            {
                break;
            }

            if (name == "IDAT")
            {
                data.Write(body);
            }

            at += (int)length + Overhead;
        }

        return data.Length == 0 ? Damage.Cut("the PNG has no image data") : Unpack(data, Math.Min(RowBytes(bytes), MaxUnpackedBytes));
    }

    // An ancillary chunk begins with a small letter; without it the picture is whole.
    private static bool IsCritical(ReadOnlySpan<byte> type) => (type[0] & 0x20) == 0;

    private static string NameOf(ReadOnlySpan<byte> type) => type.ContainsAnyExceptInRange((byte)'A', (byte)'z')
        ? "unnamed"
        : Encoding.ASCII.GetString(type);

    private static Damage? Unpack(ImageData data, long expected)
    {
        data.Position = 0;
        using var inflater = new ZLibStream(data, CompressionMode.Decompress);
        var buffer = new byte[65_536];
        var got = 0L;
        try
        {
            for (var n = 1; n > 0 && got < expected; got += n)
            {
                n = inflater.Read(buffer);
            }
        }
        catch (InvalidDataException) when (!data.IsExhausted)
        {
            return Damage.Broken($"the PNG's image data are broken after {got} of {expected} bytes");
        }
        catch (InvalidDataException)
        {
            // Bytes unpacked before the fault are counted.
        }

        return got < expected ? Damage.Cut($"the PNG's image data end after {got} of {expected} bytes") : null;
    }

    /// <summary>
    /// Bytes of all rows with their filter types, over the seven passes when it is interlaced. The numbers may be anything: no more than
    /// <see cref="MaxUnpackedBytes"/> are counted for a pass.
    /// </summary>
    private static long RowBytes(ReadOnlySpan<byte> bytes)
    {
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]));
        var bits = bytes[24] * bytes[25] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        if (bytes[28] == 0)
        {
            return Rows(width, height);
        }

        (int X, int Y, int StepX, int StepY)[] passes =
            [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
        return passes.Sum(p => Rows((width - p.X + p.StepX - 1) / p.StepX, (height - p.Y + p.StepY - 1) / p.StepY));

        long Rows(long columns, long rows) => columns <= 0 || rows <= 0
            ? 0 : (long)Int128.Min(MaxUnpackedBytes, (Int128)rows * (1 + (((columns * bits) + 7) / 8)));
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(static n =>
    {
        var crc = (uint)n;
        for (var i = 0; i < 8; i++)
        {
            crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return crc;
    })];

    /// <summary>The bodies of the IDAT chunks, one after the other. Knows whether its reader has asked for more than there is.</summary>
    private sealed class ImageData : MemoryStream
    {
        public bool IsExhausted { get; private set; }

        public override int Read(Span<byte> buffer) => Note(base.Read(buffer));

        public override int Read(byte[] buffer, int offset, int count) => Note(base.Read(buffer, offset, count));

        private int Note(int read)
        {
            IsExhausted |= read == 0;
            return read;
        }
    }
}
