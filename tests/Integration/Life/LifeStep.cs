namespace CpfPipeline.Tests.Integration.Life;

/// <summary>
/// Something that happens to a small catalogue. Images and pictures are numbers; a picture is what a content shows, before it has an id.
/// </summary>
internal abstract record LifeStep
{
    internal sealed record SubmitPicture(int Image, int Picture, long Revision) : LifeStep;

    /// <summary>A submission that is refused before any bytes are looked at.</summary>
    internal sealed record SubmitBroken(int Image, long Revision) : LifeStep;

    /// <summary>A submission whose bytes are to be fetched later.</summary>
    internal sealed record Announce(int Image, long Revision) : LifeStep;

    internal sealed record RetractPicture(int Image, long Revision) : LifeStep;

    internal sealed record JudgePictures(int A, int B, string Word) : LifeStep;

    internal sealed record JudgeImages(int A, int B, string Word) : LifeStep;

    internal sealed record EraseImage(int Image) : LifeStep;

    internal sealed record ErasePicture(int Picture) : LifeStep;

    /// <summary>Erasures that are under way are carried on as far as they go now.</summary>
    internal sealed record Advance : LifeStep;

    /// <summary>
    /// An embedding is stored, however late and whether or not there is one; <paramref name="Look"/> tells two computations of one picture
    /// apart.
    /// </summary>
    internal sealed record Embed(int Picture, int Look) : LifeStep;

    /// <summary>All that waits in the outbox reaches its consumers, in any order.</summary>
    internal sealed record Deliver(int Seed) : LifeStep;

    /// <summary>A message of some time ago comes again.</summary>
    internal sealed record Redeliver(int Seed) : LifeStep;

    internal sealed record Wait(int Minutes) : LifeStep;

    /// <summary>Contents that were long unreferenced are collected.</summary>
    internal sealed record Collect : LifeStep;

    internal sealed record ReconcileAll : LifeStep;

    /// <summary>All pending work is finished.</summary>
    internal sealed record Settle : LifeStep;
}
