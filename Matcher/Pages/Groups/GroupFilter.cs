namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>Which groups a list shows; a null takes all.</summary>
public sealed record GroupFilter
{
    /// <summary>Only groups with a listing of this source.</summary>
    public string? Source { get; init; }

    /// <summary>Only groups with a listing of this product key.</summary>
    public string? Key { get; init; }

    /// <summary>Only groups of at least so many pictures.</summary>
    public int? MinSize { get; init; }

    /// <summary>Only groups of at most so many pictures.</summary>
    public int? MaxSize { get; init; }

    /// <summary>Only groups whose weakest merge lies at most so far above the threshold, as similarity.</summary>
    public double? MaxMargin { get; init; }

    /// <summary>Only groups that changed on this day (UTC) or later.</summary>
    public DateOnly? Since { get; init; }

    /// <summary>Only groups with two product keys that are surely different.</summary>
    public bool Conflict { get; init; }

    /// <summary>
    /// Only groups that verdicts hold together: a merge in them lies below the threshold. The order by doubt leaves these out otherwise:
    /// people have decided about them.
    /// </summary>
    public bool Held { get; init; }

    /// <summary>Only groups of which a picture changed its group under this model: at its handover or since.</summary>
    public long? ChangedBy { get; init; }

    /// <summary>
    /// Only groups with a picture of a pair that is in sight in the review queue: a pair of its own, or one with a neighbour. An unsure
    /// answer leaves a pair open.
    /// </summary>
    public bool OpenPair { get; init; }

    /// <summary>Whether it takes all.</summary>
    public bool IsEmpty => this == new GroupFilter();
}
