namespace CpfPipeline.Matcher.Stores;

/// <summary>A group event as subscribers read it.</summary>
/// <param name="Seq">Position.</param>
/// <param name="Kind">joined, left, merged, split, renamed.</param>
/// <param name="ContentId">The content; negative once erased, as are group ids that were an erased content's.</param>
/// <param name="Sha256">Its hash, hex; null once erased or collected.</param>
/// <param name="GroupId">Its group afterwards; null when it left.</param>
/// <param name="PreviousGroupId">Its group before; null when it joined.</param>
/// <param name="ModelId">The model under which it happened.</param>
/// <param name="At">When.</param>
/// <param name="Images">The live images that refer to the content now.</param>
internal sealed record GroupChange(
    long Seq, string Kind, long ContentId, string? Sha256, long? GroupId, long? PreviousGroupId, long ModelId, DateTimeOffset At,
    IReadOnlyList<ImageName> Images);
