using System.Buffers.Binary;

namespace CpfPipeline.Vision.Integrity;

/// <summary>A frame header (T.81 B.2.2).</summary>
/// <param name="Process">The marker's second byte: 0xC0 baseline, 0xC1 extended, 0xC2 progressive; the rest is rare.</param>
/// <param name="Precision">Bits a sample.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Components">In the order of the header.</param>
internal sealed record JpegFrame(byte Process, int Precision, int Width, int Height, IReadOnlyList<JpegComponent> Components)
{
    public bool IsProgressive => Process is 0xC2 or 0xCA;

    public bool IsArithmetic => Process is 0xC9 or 0xCA;

    /// <summary>Sequential or progressive, without lossless coding or hierarchies.</summary>
    public bool IsUsual => Process is 0xC0 or 0xC1 or 0xC2 or 0xC9 or 0xCA;

    public int MaxHorizontal => Components.Max(c => c.Horizontal);

    public int MaxVertical => Components.Max(c => c.Vertical);

    /// <summary>Null when the header contradicts itself.</summary>
    public static JpegFrame? Parse(byte process, ReadOnlySpan<byte> body)
    {
        if (body.Length < 6 || body[5] == 0 || body.Length < 6 + (3 * body[5]))
        {
            return null;
        }

        var components = new JpegComponent[body[5]];
        for (var i = 0; i < components.Length; i++)
        {
            var at = 6 + (3 * i);
            components[i] = new JpegComponent(body[at], body[at + 1] >> 4, body[at + 1] & 15);
        }

        return components.Any(c => c.Horizontal is < 1 or > 4 || c.Vertical is < 1 or > 4)
            ? null
            : new JpegFrame(
                process, body[0], BinaryPrimitives.ReadUInt16BigEndian(body[3..]), BinaryPrimitives.ReadUInt16BigEndian(body[1..]),
                components);
    }
}

/// <summary>A colour component: its id and sampling factors.</summary>
internal readonly record struct JpegComponent(byte Id, int Horizontal, int Vertical);
