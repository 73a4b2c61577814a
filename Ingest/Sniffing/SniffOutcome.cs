namespace CpfPipeline.Ingest.Sniffing;

/// <summary>Either an image or the reason why the bytes are refused.</summary>
internal sealed record SniffOutcome
{
    /// <summary>What the header says; null when refused.</summary>
    public SniffedImage? Image { get; private init; }

    /// <summary>Reason code; null when accepted.</summary>
    public string? Reason { get; private init; }

    /// <summary>What was wrong, for a person.</summary>
    public string? Detail { get; private init; }

    public static SniffOutcome Accept(SniffedImage image) => new() { Image = image };

    public static SniffOutcome Refuse(string reason, string detail) => new() { Reason = reason, Detail = detail };
}
