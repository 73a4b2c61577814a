using CpfPipeline.Learning.Checkpoints;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>
/// State of a run of <see cref="HeadTraining"/>. Present are projection, class centres where there are some, and moments; best is the
/// projection.
/// </summary>
public sealed record HeadTrainingState : TrainingState
{
    /// <summary>Loss of the last step; NaN before the first.</summary>
    public double Loss { get; set; } = double.NaN;

    internal override void Write(BinaryWriter writer)
    {
        base.Write(writer);
        writer.Write(Loss);
    }

    internal override void Read(BinaryReader reader)
    {
        base.Read(reader);
        Loss = reader.ReadDouble();
    }
}
