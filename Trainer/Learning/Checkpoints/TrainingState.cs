using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Learning.Checkpoints;

/// <summary>State of a training. With options and data it is all that a resumed one needs to end the same.</summary>
public abstract record TrainingState
{
    /// <summary>Steps done; the batches to come follow from it.</summary>
    public int Step { get; set; }

    /// <summary>The step at which validation, or the loss where there is none, was looked at last; -1: never.</summary>
    public int ValidatedAt { get; set; } = -1;

    /// <summary>Looks at validation since the best one.</summary>
    public int Stale { get; set; }

    public double BestF1 { get; set; } = double.NegativeInfinity;

    public int BestStep { get; set; }

    public List<LossPoint> History { get; init; } = [];

    /// <summary>All that is learnt, and the moments of the optimiser.</summary>
    public float[][] Present { get; set; } = [];

    /// <summary>What was learnt at the best look at validation; empty before the first.</summary>
    public float[][] Best { get; set; } = [];

    internal virtual void Write(BinaryWriter writer)
    {
        writer.Write(Step);
        writer.Write(ValidatedAt);
        writer.Write(Stale);
        writer.Write(BestF1);
        writer.Write(BestStep);
        CheckpointFile.WriteHistory(writer, History);
        CheckpointFile.WriteArrays(writer, Present);
        CheckpointFile.WriteArrays(writer, Best);
    }

    /// <summary>Takes over what <see cref="Write"/> wrote. This is a new state.</summary>
    internal virtual void Read(BinaryReader reader)
    {
        Step = reader.ReadInt32();
        ValidatedAt = reader.ReadInt32();
        Stale = reader.ReadInt32();
        BestF1 = reader.ReadDouble();
        BestStep = reader.ReadInt32();
        History.AddRange(CheckpointFile.ReadHistory(reader));
        Present = CheckpointFile.ReadArrays(reader);
        Best = CheckpointFile.ReadArrays(reader);
    }
}
