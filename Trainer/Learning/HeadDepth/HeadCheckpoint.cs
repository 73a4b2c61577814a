using CpfPipeline.Learning.Checkpoints;
using CpfPipeline.Learning.Heads;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>
/// What depth <c>head</c> has done so far, as the file <c>head.checkpoint</c>: the heads of finished trainings, and the training under way.
/// A repetition with the same settings and data gives the same outcome as without the interruption.
/// </summary>
public sealed class HeadCheckpoint
{
    public const string FileName = "head.checkpoint";

    /// <summary>How often a training is kept.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private const string Format = "cpf head checkpoint 2";

    private readonly CheckpointFile _file;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly Dictionary<string, HeadTrainingResult> _finished = new(StringComparer.Ordinal);
    private (string Name, HeadTrainingState State)? _begun;
    private long _kept;

    private HeadCheckpoint(CheckpointFile file, TimeProvider time, TimeSpan interval) =>
        (_file, _time, _interval, _kept) = (file, time, interval, time.GetTimestamp());

    /// <summary>Why a checkpoint that lay there is not used; else null. The next one overwrites it.</summary>
    public string? Ignored { get; private init; }

    /// <summary>Whether it is time to keep a training.</summary>
    public bool IsDue => _time.GetElapsedTime(_kept) >= _interval;

    /// <summary>Reads the checkpoint, if there is one.</summary>
    /// <param name="folder">Made at the first write.</param>
    /// <param name="run">Of <see cref="HeadRun.Hash"/>.</param>
    /// <param name="time">Clock.</param>
    /// <param name="interval">See <see cref="IsDue"/>.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static HeadCheckpoint Open(string folder, byte[] run, TimeProvider time, TimeSpan interval)
    {
        var file = new CheckpointFile(folder, FileName, Format, run);
        using var reader = file.Read(out var refusal);
        var checkpoint = new HeadCheckpoint(file, time, interval) { Ignored = refusal };
        if (reader is not null)
        {
            checkpoint.Read(reader);
        }

        return checkpoint;
    }

    /// <summary>Whether a folder holds something to go on from.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <param name="name">Of a training.</param>
    /// <returns>Null when it was not finished.</returns>
    public HeadTrainingResult? Finished(string name) => _finished.GetValueOrDefault(name);

    /// <param name="name">Of a training.</param>
    /// <returns>Null when it was not begun.</returns>
    public HeadTrainingState? Begun(string name) => _begun is { } begun && begun.Name == name ? begun.State : null;

    /// <exception cref="IOException">It cannot be written.</exception>
    public void Keep(string name, HeadTrainingState state)
    {
        _begun = (name, state);
        Write();
    }

    /// <exception cref="IOException">It cannot be written.</exception>
    public void Finish(string name, HeadTrainingResult result)
    {
        _finished[name] = result;
        _begun = null;
        Write();
    }

    private void Write()
    {
        _file.Write(writer =>
        {
            writer.Write(_finished.Count);
            foreach (var (name, result) in _finished.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                writer.Write(name);
                Write(writer, result);
            }

            writer.Write(_begun is not null);
            if (_begun is var (under, state))
            {
                writer.Write(under);
                state.Write(writer);
            }
        });
        _kept = _time.GetTimestamp();
    }

    private void Read(BinaryReader reader)
    {
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var name = reader.ReadString();
            _finished[name] = ReadResult(reader);
        }

        if (reader.ReadBoolean())
        {
            var name = reader.ReadString();
            var state = new HeadTrainingState();
            state.Read(reader);
            _begun = (name, state);
        }
    }

    private static void Write(BinaryWriter writer, HeadTrainingResult result)
    {
        writer.Write(result.Step);
        writer.Write(result.ValidationF1 ?? double.NaN);
        CheckpointFile.WriteHistory(writer, result.History);
        writer.Write(result.Head.SquareRoot);
        CheckpointFile.WriteArray(writer, result.Head.Mean);
        CheckpointFile.WriteArray(writer, result.Head.Projection);
    }

    private static HeadTrainingResult ReadResult(BinaryReader reader)
    {
        var (step, f1, history) = (reader.ReadInt32(), reader.ReadDouble(), CheckpointFile.ReadHistory(reader));
        var head = new LinearHead(reader.ReadBoolean(), CheckpointFile.ReadArray(reader), CheckpointFile.ReadArray(reader));
        return new HeadTrainingResult(head, step, double.IsNaN(f1) ? null : f1, history);
    }
}
