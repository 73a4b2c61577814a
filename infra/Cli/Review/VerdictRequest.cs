namespace CpfPipeline.Cli.Review;

/// <summary>Body of <c>POST /verdicts</c>.</summary>
internal sealed record VerdictRequest(PictureName A, PictureName B, string Verdict, string Who, string? Note);

/// <summary>Its answer.</summary>
internal sealed record VerdictTaken
{
    public required string Verdict { get; init; }

    /// <summary>false: it stood already.</summary>
    public required bool Changed { get; init; }

    public long? GroupA { get; init; }

    public long? GroupB { get; init; }

    public required bool SameGroup { get; init; }

    /// <summary>The large component they are in is regrouped in the background.</summary>
    public required bool Pending { get; init; }
}
