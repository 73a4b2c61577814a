using CpfPipeline.Learning.Checkpoints;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>A <see cref="FullTrainingState"/> as the file <c>full.checkpoint</c>.</summary>
/// <param name="folder">Made when it is not there.</param>
/// <param name="run">SHA-256 of backbone, options and pictures.</param>
public sealed class FullCheckpoint(string folder, byte[] run)
{
    public const string FileName = "full.checkpoint";

    private const string Format = "cpf full checkpoint 1";

    private readonly CheckpointFile _file = new(folder, FileName, Format, run);

    /// <summary>Whether a folder holds something to go on from.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <exception cref="IOException">The folder cannot be written, the disk is full for instance.</exception>
    public void Write(FullTrainingState state) => _file.Write(writer =>
    {
        writer.Write(state.Step);
        writer.Write(state.ValidatedAt);
        writer.Write(state.Stale);
        writer.Write(state.BestF1);
        writer.Write(state.BestStep);
        writer.Write(state.LossSum);
        writer.Write(state.LossCount);
        CheckpointFile.WriteHistory(writer, state.History);
        CheckpointFile.WriteArrays(writer, state.Present);
        CheckpointFile.WriteArrays(writer, state.Best);
    });

    /// <returns>Null when there is none, or none of use; the next one overwrites it.</returns>
    /// <param name="refusal">Why one that is there is of no use, for a person; else null.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public FullTrainingState? Read(out string? refusal)
    {
        using var reader = _file.Read(out refusal);
        return reader is null ? null : new FullTrainingState
        {
            Step = reader.ReadInt32(),
            ValidatedAt = reader.ReadInt32(),
            Stale = reader.ReadInt32(),
            BestF1 = reader.ReadDouble(),
            BestStep = reader.ReadInt32(),
            LossSum = reader.ReadDouble(),
            LossCount = reader.ReadInt32(),
            History = CheckpointFile.ReadHistory(reader),
            Present = CheckpointFile.ReadArrays(reader),
            Best = CheckpointFile.ReadArrays(reader),
        };
    }
}
