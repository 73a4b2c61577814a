namespace CpfPipeline.Trainer.Retention;

/// <summary>What is removed when it is old.</summary>
internal static class RetentionKind
{
    public const string GroupEvents = "group_events";
    public const string PlaceholderEvents = "placeholder_events";
    public const string ImageContents = "image_contents";
    public const string ModelChanges = "model_changes";
    public const string Reconciles = "reconciles";
    public const string Feeds = "feeds";
    public const string Reports = "reports";

    public static IReadOnlyList<string> All { get; } =
        [GroupEvents, PlaceholderEvents, ImageContents, ModelChanges, Reconciles, Feeds, Reports];
}
