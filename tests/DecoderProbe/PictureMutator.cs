using System.Buffers.Binary;

namespace CpfPipeline.Tests.DecoderProbe;

/// <summary>Damages pictures in ways that parsers stumble over. The same seed and number give the same bytes.</summary>
/// <param name="files">Pictures to begin with, in a fixed order.</param>
/// <param name="seed">Seed of all of it.</param>
internal sealed class PictureMutator(IReadOnlyList<byte[]> files, int seed)
{
    private const int MaxFlips = 16;
    private const int HeaderBytes = 96;
    private const int MaxRepeats = 20;

    private static readonly uint[] Extremes =
        [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF];

    private static readonly (string Name, Func<Random, byte[], byte[], byte[]> Make)[] Kinds =
    [
        ("bit flips", (random, file, _) => Flip(random, file)),
        ("truncation", (random, file, _) => file[..random.Next(file.Length)]),
        ("splice", (random, file, other) => [.. file[..random.Next(file.Length)], .. other[random.Next(other.Length)..]]),
        ("header numbers", (random, file, _) => SetNumber(random, file, 0, Math.Min(file.Length, HeaderBytes))),
        ("numbers anywhere", (random, file, _) => SetNumber(random, file, 0, file.Length)),
        ("chunk lengths", (random, file, _) => EditLength(random, file)),
        ("repeated chunks", (random, file, _) => RepeatChunk(random, file)),
        ("lost chunks", (random, file, _) => LoseChunk(random, file)),
        ("zeros", (random, file, _) => Fill(random, file)),
    ];

    /// <summary>Kinds of damage.</summary>
    public static IReadOnlyList<string> KindNames { get; } = [.. Kinds.Select(k => k.Name)];

    /// <summary>One damaged picture.</summary>
    /// <param name="number">Which.</param>
    /// <param name="kind">What was done to it.</param>
    public byte[] Make(int number, out string kind)
    {
        var random = new Random(Mix(seed, number));
        var (file, other) = (files[random.Next(files.Count)], files[random.Next(files.Count)]);
        (kind, var make) = Kinds[random.Next(Kinds.Length)];
        var made = make(random, file, other);
        return random.Next(4) == 0 ? Flip(random, made) : made; // Some twice, as damage rarely comes alone.
    }

    // Random's sequences for seeds that follow each other resemble each other; this finaliser of SplitMix64 spreads them.
    private static int Mix(int seed, int number)
    {
        var z = unchecked((((ulong)(uint)seed << 32) | (uint)number) * 0x9E37_79B9_7F4A_7C15);
        z = unchecked((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB);
        return (int)((z ^ (z >> 31)) >> 33);
    }

    private static byte[] Flip(Random random, byte[] file)
    {
        byte[] copy = [.. file];
        for (var i = random.Next(1, MaxFlips + 1); i > 0 && copy.Length > 0; i--)
        {
            copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8));
        }

        return copy;
    }

    private static byte[] SetNumber(Random random, byte[] file, int from, int to)
    {
        byte[] copy = [.. file];
        var size = 1 << random.Next(3);
        if (to - from >= size)
        {
            var target = copy.AsSpan(random.Next(from, to - size + 1), size);
            WriteNumber(target, Extremes[random.Next(Extremes.Length)], isBigEndian: random.Next(2) == 0);
        }

        return Mend(copy, random);
    }

    private static void WriteNumber(Span<byte> target, uint value, bool isBigEndian)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        if (isBigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
            bytes[^target.Length..].CopyTo(target);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            bytes[..target.Length].CopyTo(target);
        }
    }

    private static byte[] EditLength(Random random, byte[] file) =>
        PictureChunks.Of(file) is { Count: > 0 } chunks && chunks[random.Next(chunks.Count)] is var chunk
            ? SetNumber(random, file, chunk.LengthAt, Math.Min(file.Length, chunk.LengthAt + sizeof(uint)))
            : Flip(random, file);

    private static byte[] RepeatChunk(Random random, byte[] file)
    {
        if (PictureChunks.Of(file) is not { Count: > 0 } chunks)
        {
            return [.. file, .. file];
        }

        var chunk = chunks[random.Next(chunks.Count)];
        var bytes = file[chunk.Start..chunk.End];
        return [.. file[..chunk.End], .. Enumerable.Repeat(bytes, random.Next(1, MaxRepeats)).SelectMany(b => b), .. file[chunk.End..]];
    }

    private static byte[] LoseChunk(Random random, byte[] file) =>
        PictureChunks.Of(file) is { Count: > 0 } chunks && chunks[random.Next(chunks.Count)] is var chunk
            ? [.. file[..chunk.Start], .. file[chunk.End..]]
            : file[..(file.Length / 2)];

    private static byte[] Fill(Random random, byte[] file)
    {
        byte[] copy = [.. file];
        var from = random.Next(copy.Length);
        copy.AsSpan(from, random.Next(copy.Length - from)).Fill((byte)(random.Next(2) == 0 ? 0 : 0xFF));
        return copy;
    }

    // Half of the PNGs get right checksums again, so that what lies behind them is read.
    private static byte[] Mend(byte[] file, Random random)
    {
        if (random.Next(2) == 0 && PictureChunks.IsPng(file))
        {
            foreach (var chunk in PictureChunks.Of(file).Where(c => c.End - c.Start >= PictureChunks.PngFrame))
            {
                var body = file.AsSpan(chunk.Start + sizeof(uint), chunk.End - chunk.Start - (2 * sizeof(uint)));
                BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(chunk.End - sizeof(uint)), PictureChunks.Checksum(body));
            }
        }

        return file;
    }
}
