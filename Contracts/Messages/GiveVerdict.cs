namespace CpfPipeline.Contracts;

/// <summary>
/// Command: a person says whether two images show the same product. Sent to the queue <c>cpf.give-verdict</c>; a verdict is about the
/// pictures that the images show when it is taken, and outlives models. Answered by <see cref="VerdictGiven"/> or
/// <see cref="VerdictRefused"/>.
/// </summary>
/// <remarks>
/// The queue is read by one process at a time, in order: of two words about the same pictures the one that comes later counts, whenever it
/// was meant. A repeat of the last word changes nothing.
/// </remarks>
public sealed record GiveVerdict
{
    /// <summary>Source of the one image.</summary>
    public required string SourceA { get; init; }

    /// <summary>External id of the one image.</summary>
    public required string ExternalIdA { get; init; }

    /// <summary>Source of the other image.</summary>
    public required string SourceB { get; init; }

    /// <summary>External id of the other image.</summary>
    public required string ExternalIdB { get; init; }

    /// <summary><c>same</c>, <c>different</c>, or <c>withdrawn</c> to take a verdict back.</summary>
    public required string Verdict { get; init; }

    /// <summary>Who says so.</summary>
    public required string Who { get; init; }

    /// <summary>Why, for a person.</summary>
    public string? Note { get; init; }
}
