using CpfPipeline.Contracts;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>One message of each kind, as the reference shows it.</summary>
internal static class MessageExamples
{
    private const long Content = 1_357_924_680_135_792_468;
    private const long Other = 5_863_201_447_091_883_206;
    private static readonly Guid Probe = new("5f0c6f0e-3c58-4c0e-9a5d-0a3f1c2b7d11");

    /// <summary>They.</summary>
    public static IReadOnlyList<object> All { get; } =
    [
        new SubmitImage
        {
            Source = "shop", ExternalId = "4711-front", Uri = "https://shop.example/4711.jpg", ProductKey = "gtin:04006381333931",
            KeyScope = "global", Revision = 1_767_225_600_000,
        },
        new RetractImage { Source = "shop", ExternalId = "4711-front", Revision = 1_767_312_000_000 },
        new ImageRejected
        {
            ImageId = new("7c9e6679-7425-50de-944b-e07fc1f90ae7"), Source = "shop", ExternalId = "4711-back", Revision = 1_767_225_600_000,
            Reason = "not_found", Detail = "the host answered 404",
        },
        new ContentStored { ContentId = Content },
        new ContentReleased { ContentIds = [Content, Other] },
        new EmbedContents { ContentIds = [Content, Other] },
        new ContentsEmbedded { HeadId = 2, ContentIds = [Content, Other] },
        new MatchGroupsChanged { ModelId = 2, FirstSeq = 4711, LastSeq = 4715, GroupIds = [Content] },
        new PlaceholderChanged { ContentId = Content, IsPlaceholder = true, ProductKeys = 31 },
        new GiveVerdict
        {
            SourceA = "shop", ExternalIdA = "4711-front", SourceB = "other-shop", ExternalIdB = "red-mug.png", Verdict = "same",
            Who = "ann", Note = "the handle tells",
        },
        new VerdictGiven { ContentA = Content, ContentB = Other, Verdict = "same" },
        new VerdictRefused
        {
            SourceA = "shop", ExternalIdA = "4711-front", SourceB = "other-shop", ExternalIdB = "red-mug.png", Verdict = "same",
            Reason = "unknown_picture", Detail = "other-shop has no image red-mug.png",
        },
        new TrainModel { IdempotencyKey = "nightly-2026-01-01", Kind = "training", NotAfter = Noon(1) },
        new TrainingFinished
        {
            RunId = new("0f8fad5b-d9cb-469f-a165-70867728950e"), IdempotencyKey = "nightly-2026-01-01", Kind = "training",
            State = "finished", ModelId = 3, Message = "model 3 is active",
        },
        new ModelActivated { ModelId = 3, HeadId = 3 },
        new JoinTile { JoinId = 12, Tile = 7 },
        new MakeRenditions { ContentIds = [Content], Rendition = "320" },
        new CheckProbe { ProbeId = Probe, Uri = "https://shop.example/4711.jpg" },
        new EmbedProbe { ProbeId = Probe },
    ];

    private static DateTimeOffset Noon(int day) => new(2026, 1, day, 12, 0, 0, TimeSpan.Zero);
}
