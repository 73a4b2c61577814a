using CpfPipeline.Learning.Checkpoints;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>A <see cref="FullTrainingState"/> as the file <c>full.checkpoint</c>.</summary>
/// <param name="folder">Made when it is not there.</param>
/// <param name="run">SHA-256 of backbone, options and pictures.</param>
public sealed class FullCheckpoint(string folder, byte[] run)
{
    public const string FileName = "full.checkpoint";

    private const string Format = "cpf full checkpoint 2";

    private readonly CheckpointFile _file = new(folder, FileName, Format, run);

    /// <summary>Whether a folder holds something to go on from.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <exception cref="IOException">The folder cannot be written, for example because the disk is full.</exception>
    public void Write(FullTrainingState state) => _file.Write(state.Write);

    /// <returns>Null when there is none that can be used; the next one overwrites it.</returns>
    /// <param name="refusal">Why one that is there is of no use, for a person; else null.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public FullTrainingState? Read(out string? refusal)
    {
        using var reader = _file.Read(out refusal);
        if (reader is null)
        {
            return null;
        }

        var state = new FullTrainingState();
        state.Read(reader);
        return state;
    }
}
