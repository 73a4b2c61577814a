using CpfPipeline.Learning.Checkpoints;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>
/// State of a run of depth <c>full</c>. Present are weights, running statistics, projection, centres and moments; best are the first three.
/// </summary>
public sealed record FullTrainingState : TrainingState
{
    /// <summary>Sum of the losses since the last point of the history.</summary>
    public double LossSum { get; set; }

    /// <summary>Their number.</summary>
    public int LossCount { get; set; }

    internal override void Write(BinaryWriter writer)
    {
        base.Write(writer);
        writer.Write(LossSum);
        writer.Write(LossCount);
    }

    internal override void Read(BinaryReader reader)
    {
        base.Read(reader);
        LossSum = reader.ReadDouble();
        LossCount = reader.ReadInt32();
    }
}
