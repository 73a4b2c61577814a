using System.Buffers.Binary;
using System.Text;

namespace CpfPipeline.Tests.EndToEnd.Deployment;

/// <summary>The shared libraries that an ELF file (64 bits, little-endian) asks the loader for: DT_NEEDED of its dynamic section.</summary>
internal static class NeededLibraries
{
    private const int SectionDynamic = 6;
    private const int TagNeeded = 1;

    /// <returns>Their names; none when the file is no such one.</returns>
    public static IReadOnlyList<string> Of(string path)
    {
        using var file = File.OpenRead(path);
        var header = Read(file, 0, 64);
        if (header is not [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, ..])
        {
            return [];
        }

        var (start, size, count) = (
            BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(0x28)), BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x3A)),
            BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x3C)));
        var sections = Enumerable.Range(0, count).Select(i => Read(file, start + (i * size), size)).ToList();
        if (sections.FirstOrDefault(s => BinaryPrimitives.ReadInt32LittleEndian(s.AsSpan(4)) == SectionDynamic) is not { } dynamic)
        {
            return [];
        }

        var entries = Content(file, dynamic);
        var names = Content(file, sections[BinaryPrimitives.ReadInt32LittleEndian(dynamic.AsSpan(0x28))]);
        return [.. Enumerable.Range(0, entries.Length / 16)
            .Where(i => BinaryPrimitives.ReadInt64LittleEndian(entries.AsSpan(i * 16)) == TagNeeded)
            .Select(i => (int)BinaryPrimitives.ReadInt64LittleEndian(entries.AsSpan((i * 16) + 8)))
            .Select(at => Encoding.ASCII.GetString(names, at, Array.IndexOf(names, (byte)0, at) - at))];
    }

    private static byte[] Content(FileStream file, byte[] section) => Read(
        file, BinaryPrimitives.ReadInt64LittleEndian(section.AsSpan(0x18)),
        (int)BinaryPrimitives.ReadInt64LittleEndian(section.AsSpan(0x20)));

    private static byte[] Read(FileStream file, long at, int length)
    {
        var bytes = new byte[length];
        file.Position = at;
        file.ReadExactly(bytes);
        return bytes;
    }
}
