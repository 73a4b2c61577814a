using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CpfPipeline.Data.Embeddings;

/// <summary>pgvector's binary form of a halfvec: int16 dimension, int16 unused, then the halves, all big-endian.</summary>
public static class HalfvecBinary
{
    /// <summary>Bytes before the values.</summary>
    public const int HeaderBytes = 4;

    /// <summary>Length of a halfvec of a dimension, bytes.</summary>
    public static int Length(int dimension) => HeaderBytes + (2 * dimension);

    /// <summary>Decodes a value.</summary>
    /// <param name="source">The whole binary value.</param>
    /// <param name="destination"><c>[D]</c>, as long as the value's dimension.</param>
    /// <exception cref="InvalidDataException">The value has another dimension.</exception>
    public static void Read(ReadOnlySpan<byte> source, Span<Half> destination)
    {
        if (source.Length != Length(destination.Length) || BinaryPrimitives.ReadInt16BigEndian(source) != destination.Length)
        {
            throw new InvalidDataException($"A halfvec of {source.Length} bytes does not have the dimension {destination.Length}.");
        }

        BinaryPrimitives.ReverseEndianness(
            MemoryMarshal.Cast<byte, ushort>(source[HeaderBytes..]), MemoryMarshal.Cast<Half, ushort>(destination));
    }
}
