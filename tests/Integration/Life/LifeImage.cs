namespace CpfPipeline.Tests.Integration.Life;

/// <summary>What is to become of one image.</summary>
/// <param name="State">Its state.</param>
/// <param name="Revision">Revision of what made it so.</param>
/// <param name="Picture">What it shows, or showed before it was retracted.</param>
/// <param name="Reason">Why it was rejected.</param>
internal sealed record LifeImage(string State, long Revision, int? Picture, string? Reason)
{
    /// <summary>Highest revision that was stored or retracted.</summary>
    public long? Applied { get; init; } = State is "stored" or "retracted" ? Revision : null;

    /// <summary>A newer update that failed.</summary>
    public (long Revision, string Reason)? Failed { get; init; }

    /// <summary>A newer picture that is not embedded yet.</summary>
    public (int Picture, long Revision)? Waiting { get; init; }
}
