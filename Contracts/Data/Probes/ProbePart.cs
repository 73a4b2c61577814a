namespace CpfPipeline.Data.Probes;

/// <summary>What lies in the store of a probe.</summary>
public enum ProbePart
{
    /// <summary>Its bytes as somebody sent them. Nobody has looked at them.</summary>
    Received,

    /// <summary>Its bytes, which a submission would not be refused for.</summary>
    Checked,

    /// <summary>What became of it: a <see cref="ProbeAnswer"/>.</summary>
    Answer,
}
