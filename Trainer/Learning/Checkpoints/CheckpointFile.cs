using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Learning.Checkpoints;

/// <summary>A file that is replaced as a whole or not at all, with what run it belongs to and a checksum at its end.</summary>
/// <param name="folder">Made when it is not there.</param>
/// <param name="name">Of the file.</param>
/// <param name="format">Of what is in it, with a version.</param>
/// <param name="run">SHA-256 of all that the run's outcome depends on.</param>
public sealed class CheckpointFile(string folder, string name, string format, byte[] run)
{
    public string Path => System.IO.Path.Combine(folder, name);

    /// <exception cref="IOException">The folder cannot be written, the disk is full for instance.</exception>
    public void Write(Action<BinaryWriter> write)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(format);
            writer.Write(run);
            write(writer);
        }

        var content = memory.GetBuffer().AsSpan(0, (int)memory.Length);
        var temporary = Path + ".new";
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(content);
                stream.Write(SHA256.HashData(content));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, Path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Discard(temporary);
            throw new IOException(
                $"cannot keep the training in {Path}: {e.Message} Free some space or choose another folder, and run the command again: what was kept before is still good.", e);
        }
    }

    /// <summary>What was written, behind format and run; null when there is no file or it is of no use.</summary>
    /// <param name="refusal">Why a file that is there is of no use, for a person; else null.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public BinaryReader? Read(out string? refusal)
    {
        refusal = null;
        if (!File.Exists(Path))
        {
            return null;
        }

        var bytes = File.ReadAllBytes(Path);
        var content = bytes.AsSpan(0, Math.Max(0, bytes.Length - SHA256.HashSizeInBytes));
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
        {
            refusal = $"{Path} is damaged or no checkpoint";
            return null;
        }

        var reader = new BinaryReader(new MemoryStream(bytes, 0, content.Length), Encoding.UTF8);
        if (reader.ReadString() != format)
        {
            refusal = $"{Path} was written by another version";
        }
        else if (!reader.ReadBytes(run.Length).AsSpan().SequenceEqual(run))
        {
            refusal = $"{Path} belongs to another run (other pictures, classes, settings or backbone)";
        }

        return refusal is null ? reader : null;
    }

    /// <summary>The line that tells a person so.</summary>
    public static string Unused(string refusal) => $"{refusal}: it is not used, training starts from the beginning";

    /// <summary>Removes a checkpoint that is no longer needed, and its folder when nothing else is in it.</summary>
    public static void Remove(string folder, string name)
    {
        Discard(System.IO.Path.Combine(folder, name));
        try
        {
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Left over, it takes no space and disturbs nothing.
        }
    }

    public static void WriteHistory(BinaryWriter writer, IReadOnlyList<LossPoint> history)
    {
        writer.Write(history.Count);
        foreach (var point in history)
        {
            writer.Write(point.Step);
            writer.Write(point.Loss);
            writer.Write(point.ValidationF1 ?? double.NaN);
        }
    }

    public static List<LossPoint> ReadHistory(BinaryReader reader)
    {
        var history = new List<LossPoint>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var (step, loss, f1) = (reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble());
            history.Add(new LossPoint(step, loss, double.IsNaN(f1) ? null : f1));
        }

        return history;
    }

    public static void WriteArrays(BinaryWriter writer, float[][] arrays)
    {
        writer.Write(arrays.Length);
        foreach (var array in arrays)
        {
            WriteArray(writer, array);
        }
    }

    public static float[][] ReadArrays(BinaryReader reader)
    {
        var arrays = new float[reader.ReadInt32()][];
        for (var i = 0; i < arrays.Length; i++)
        {
            arrays[i] = ReadArray(reader);
        }

        return arrays;
    }

    public static void WriteArray(BinaryWriter writer, float[] array)
    {
        writer.Write(array.Length);
        writer.Write(MemoryMarshal.AsBytes(array.AsSpan()));
    }

    public static float[] ReadArray(BinaryReader reader)
    {
        var array = new float[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(array.AsSpan()));
        return array;
    }

    private static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder that could not be written cannot be cleaned either; the cause is reported already.
        }
    }
}
