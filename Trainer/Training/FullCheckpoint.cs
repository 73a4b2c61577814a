using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CpfPipeline.Trainer.Reports;

namespace CpfPipeline.Trainer.Training;

/// <summary>A <see cref="FullTrainingState"/> as a file, <c>full.checkpoint</c>; replaced as a whole or not at all, and refused when it is not of this run.</summary>
/// <param name="folder">Made when it is not there.</param>
/// <param name="run">SHA-256 of backbone, options and pictures.</param>
internal sealed class FullCheckpoint(string folder, byte[] run)
{
    public const string FileName = "full.checkpoint";

    private const string Format = "cpf full checkpoint 1";

    private string Path => System.IO.Path.Combine(folder, FileName);

    /// <exception cref="IOException">The folder cannot be written, the disk is full for instance.</exception>
    public void Write(FullTrainingState state)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Format);
            writer.Write(run);
            writer.Write(state.Step);
            writer.Write(state.ValidatedAt);
            writer.Write(state.Stale);
            writer.Write(state.BestF1);
            writer.Write(state.BestStep);
            writer.Write(state.LossSum);
            writer.Write(state.LossCount);
            writer.Write(state.History.Count);
            foreach (var point in state.History)
            {
                writer.Write(point.Step);
                writer.Write(point.Loss);
                writer.Write(point.ValidationF1 ?? double.NaN);
            }

            WriteArrays(writer, state.Present);
            WriteArrays(writer, state.Best);
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
            File.Delete(temporary);
            throw new IOException($"cannot write the checkpoint {Path}: {e.Message} The one before, if any, is still good.", e);
        }
    }

    /// <summary>Null when there is none.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of another run.</exception>
    public FullTrainingState? Read()
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        var bytes = File.ReadAllBytes(Path);
        var content = bytes.AsSpan(0, Math.Max(0, bytes.Length - SHA256.HashSizeInBytes));
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
        {
            throw new InvalidDataException($"{Path} is damaged or no checkpoint: delete it to start from the beginning");
        }

        using var reader = new BinaryReader(new MemoryStream(bytes, 0, content.Length));
        if (reader.ReadString() != Format)
        {
            throw new InvalidDataException($"{Path} was written by another version: delete it to start from the beginning");
        }

        if (!reader.ReadBytes(run.Length).AsSpan().SequenceEqual(run))
        {
            throw new InvalidDataException(
                $"{Path} belongs to another run (other pictures, classes, options or backbone): choose another folder, or delete it to start from the beginning");
        }

        return new FullTrainingState
        {
            Step = reader.ReadInt32(),
            ValidatedAt = reader.ReadInt32(),
            Stale = reader.ReadInt32(),
            BestF1 = reader.ReadDouble(),
            BestStep = reader.ReadInt32(),
            LossSum = reader.ReadDouble(),
            LossCount = reader.ReadInt32(),
            History = ReadHistory(reader),
            Present = ReadArrays(reader),
            Best = ReadArrays(reader),
        };
    }

    private static List<LossPoint> ReadHistory(BinaryReader reader)
    {
        var history = new List<LossPoint>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var (step, loss, f1) = (reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble());
            history.Add(new LossPoint(step, loss, double.IsNaN(f1) ? null : f1));
        }

        return history;
    }

    private static void WriteArrays(BinaryWriter writer, float[][] arrays)
    {
        writer.Write(arrays.Length);
        foreach (var array in arrays)
        {
            writer.Write(array.Length);
            writer.Write(MemoryMarshal.AsBytes(array.AsSpan()));
        }
    }

    private static float[][] ReadArrays(BinaryReader reader)
    {
        var arrays = new float[reader.ReadInt32()][];
        for (var i = 0; i < arrays.Length; i++)
        {
            arrays[i] = new float[reader.ReadInt32()];
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(arrays[i].AsSpan()));
        }

        return arrays;
    }
}
