using System.Buffers.Binary;
using System.IO.Compression;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>Hostile and odd files: each is embedded rightly or rejected with its reason, and everything else is matched.</summary>
public sealed class BadInputTests(SharedStack shared)
{
    [Fact]
    public async Task Submit_HostileFiles_AreRejectedWithTheirReasonAndTheRestIsMatched()
    {
        var folder = shared.NewFolder();
        var good = Path.Combine(folder, PictureFolder.Fill(folder, "fluent3d", 5, skip: 700)[0] + ".png");
        using (var picture = Image.NewFromFile(good).Resize(4))
        {
            using var alpha = picture.HasAlpha() ? picture.Flatten(background: [255, 255, 255]) : picture;
            alpha.Jpegsave(Path.Combine(folder, "whole.jpg"), q: 90);
            alpha.Jpegsave(Path.Combine(folder, "whole-again.jpg"), q: 80);
            alpha.Colourspace(Enums.Interpretation.Cmyk).Jpegsave(Path.Combine(folder, "cmyk.jpg"), q: 90);
            alpha.Colourspace(Enums.Interpretation.Rgb16).Pngsave(Path.Combine(folder, "sixteen.png"));
            using var second = alpha.Rot180();
            using var frames = Image.Arrayjoin([alpha, second], across: 1).Copy();
            using var animated = frames.Mutate(m => m.Set(GValue.GIntType, "page-height", alpha.Height));
            animated.Gifsave(Path.Combine(folder, "animated.gif"));
        }

        var jpeg = await File.ReadAllBytesAsync(Path.Combine(folder, "whole.jpg"));
        await File.WriteAllBytesAsync(Path.Combine(folder, "truncated.jpg"), jpeg[..(jpeg.Length / 2)]);
        await File.WriteAllTextAsync(Path.Combine(folder, "text.jpg"), "This is not a picture at all.\n");
        await File.WriteAllBytesAsync(Path.Combine(folder, "empty.png"), []);
        await File.WriteAllBytesAsync(Path.Combine(folder, "huge.png"), HugePng(30_000));
        var forbidden = Path.Combine(folder, "forbidden.png");
        File.Copy(good, forbidden);
        File.SetUnixFileMode(forbidden, UnixFileMode.None);

        var outcome = (await shared.Stack.RunAsync("submit", folder, "--source", "hostile")).Expect(1);

        var rows = await shared.Stack.QueryAsync<string>(
            """
            select external_id || ' ' || status || coalesce(' ' || reject_reason, '') from cpf.image_status
                where source = 'hostile' order by 1
            """);
        Assert.Contains("truncated.jpg rejected truncated", rows);
        Assert.Contains("text.jpg rejected unsupported_format", rows);
        Assert.Contains("empty.png rejected empty", rows);
        Assert.Contains("huge.png rejected too_many_pixels", rows);
        // Root may read every file. Every other user gets a refusal.
        Assert.Contains(Environment.IsPrivilegedProcess ? "forbidden.png matched" : "forbidden.png rejected not_readable", rows);
        foreach (var fine in new[] { "animated.gif", "cmyk.jpg", "sixteen.png", "whole.jpg", "whole-again.jpg", Path.GetFileName(good) })
        {
            Assert.Contains($"{fine} matched", rows);
        }

        Assert.DoesNotContain(rows, row =>
            row.Contains(" stored", StringComparison.Ordinal) || row.Contains(" embedded", StringComparison.Ordinal));
        foreach (var name in new[] { "truncated.jpg", "text.jpg", "empty.png", "huge.png" })
        {
            Assert.Contains(name, outcome.Output + outcome.Errors, StringComparison.Ordinal);
        }

        // CMYK and 16 bit are the same picture: embedded rightly means they match it.
        var groups = await shared.Stack.QueryAsync<long>(
            """
            select distinct group_id from cpf.image_status where source = 'hostile'
                and external_id in ('whole.jpg', 'whole-again.jpg', 'cmyk.jpg', 'sixteen.png')
            """);
        Assert.Single(groups);
    }

    // A real, tiny file whose header promises 900 million pixels: all zero rows, compressed.
    private static byte[] HugePng(int side)
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), side);
        header[8] = 1;
        Chunk(file, "IHDR", header);
        using var data = new MemoryStream();
        using (var deflate = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            var row = new byte[1 + ((side + 7) / 8)];
            for (var y = 0; y < side; y++)
            {
                deflate.Write(row);
            }
        }

        Chunk(file, "IDAT", data.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(Stream file, string type, byte[] data)
    {
        var body = new byte[4 + data.Length];
        System.Text.Encoding.ASCII.GetBytes(type, body);
        data.CopyTo(body, 4);
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(body));
        file.Write(number);
    }

    // PNG's own checksum (ISO 3309), bit by bit.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
            }
        }

        return ~crc;
    }
}
