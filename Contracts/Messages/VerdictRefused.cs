namespace CpfPipeline.Contracts;

/// <summary>Event: a <see cref="GiveVerdict"/> was not taken.</summary>
/// <remarks>May come twice: so may the command that it answers.</remarks>
public sealed record VerdictRefused
{
    /// <summary>Source of the one image, as sent.</summary>
    public required string SourceA { get; init; }

    /// <summary>External id of the one image, as sent.</summary>
    public required string ExternalIdA { get; init; }

    /// <summary>Source of the other image, as sent.</summary>
    public required string SourceB { get; init; }

    /// <summary>External id of the other image, as sent.</summary>
    public required string ExternalIdB { get; init; }

    /// <summary>The verdict, as sent.</summary>
    public required string Verdict { get; init; }

    /// <summary><c>invalid</c>, <c>unknown_picture</c>, <c>exact_copies</c> or <c>contradiction</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>What was wrong, for a person. For a contradiction: the chain of verdicts that causes it.</summary>
    public required string Detail { get; init; }
}
