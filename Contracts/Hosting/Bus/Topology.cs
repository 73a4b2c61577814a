using CpfPipeline.Contracts;

namespace CpfPipeline.Hosting.Bus;

/// <summary>
/// Every queue and what is bound to it. Declared as a whole by every service before it publishes: RabbitMQ drops an event
/// without an error when no queue is bound yet.
/// </summary>
public static class Topology
{
    /// <summary>Ingest: <see cref="SubmitImage"/>, from MassTransit or as plain JSON.</summary>
    public const string SubmitImageQueue = "cpf.submit-image";

    /// <summary>Ingest: <see cref="RetractImage"/>, from MassTransit or as plain JSON.</summary>
    public const string RetractImageQueue = "cpf.retract-image";

    /// <summary>Embedder: <see cref="ContentStored"/>.</summary>
    public const string ContentStoredQueue = "cpf.content-stored";

    /// <summary>Embedder: <see cref="EmbedContents"/>, the backfill, apart so that it never delays new images.</summary>
    public const string EmbedContentsQueue = "cpf.embed-contents";

    /// <summary>Embedder: <see cref="MakeRenditions"/>, apart since somebody waits in front of a page.</summary>
    public const string MakeRenditionsQueue = "cpf.make-renditions";

    /// <summary>Ingest: <see cref="CheckProbe"/>. Somebody waits in front of a page.</summary>
    public const string CheckProbeQueue = "cpf.check-probe";

    /// <summary>Embedder: <see cref="EmbedProbe"/>. Somebody waits in front of a page.</summary>
    public const string EmbedProbeQueue = "cpf.embed-probe";

    /// <summary>Matcher: <see cref="ContentsEmbedded"/>.</summary>
    public const string ContentsEmbeddedQueue = "cpf.contents-embedded";

    /// <summary>Matcher: <see cref="ContentReleased"/>.</summary>
    public const string ContentReleasedQueue = "cpf.content-released";

    /// <summary>Matcher: <see cref="ModelActivated"/> (one of the Matchers rebuilds).</summary>
    public const string MatcherModelActivatedQueue = "cpf.matcher-model-activated";

    /// <summary>Matcher: <see cref="GiveVerdict"/>, from MassTransit or as plain JSON.</summary>
    public const string GiveVerdictQueue = "cpf.give-verdict";

    /// <summary>Matcher: <see cref="VerdictGiven"/>, so that the groups follow a verdict even when the process that took it dies.</summary>
    public const string VerdictGivenQueue = "cpf.verdict-given";

    /// <summary>Matcher: <see cref="JoinTile"/>, a part of the night's exact join. Any Matcher takes it.</summary>
    public const string JoinTileQueue = "cpf.join-tile";

    /// <summary>Trainer: <see cref="TrainModel"/>, from MassTransit or as plain JSON.</summary>
    public const string TrainModelQueue = "cpf.train-model";

    /// <summary>
    /// Exchange and queue of messages that were delivered too often, because their consumer's process died every time. The broker's policy
    /// <c>dead-letter-exchange</c> sends them here. Nothing consumes them.
    /// </summary>
    public const string DeadLetterQueue = "cpf.dead-letter";

    /// <summary>Queues with the message they receive.</summary>
    public static IReadOnlyList<(string Queue, Type Message)> Bindings { get; } =
    [
        (SubmitImageQueue, typeof(SubmitImage)),
        (RetractImageQueue, typeof(RetractImage)),
        (ContentStoredQueue, typeof(ContentStored)),
        (EmbedContentsQueue, typeof(EmbedContents)),
        (MakeRenditionsQueue, typeof(MakeRenditions)),
        (CheckProbeQueue, typeof(CheckProbe)),
        (EmbedProbeQueue, typeof(EmbedProbe)),
        (ContentsEmbeddedQueue, typeof(ContentsEmbedded)),
        (ContentReleasedQueue, typeof(ContentReleased)),
        (MatcherModelActivatedQueue, typeof(ModelActivated)),
        (GiveVerdictQueue, typeof(GiveVerdict)),
        (VerdictGivenQueue, typeof(VerdictGiven)),
        (JoinTileQueue, typeof(JoinTile)),
        (TrainModelQueue, typeof(TrainModel)),
    ];

    /// <summary>
    /// Queues that one consumer at a time reads, across all processes. This keeps messages in order: a person's later verdict must win.
    /// </summary>
    public static IReadOnlySet<string> InOrder { get; } = new HashSet<string> { GiveVerdictQueue };

    /// <summary>The queue of an endpoint's address.</summary>
    internal static string QueueOf(Uri address) => Uri.UnescapeDataString(address.Segments[^1].TrimEnd('/'));

    /// <summary>Events that may have no queue of the pipeline. Their exchanges are declared for subscribers.</summary>
    public static IReadOnlyList<Type> PublishedEvents { get; } =
        [typeof(ImageRejected), typeof(MatchGroupsChanged), typeof(VerdictRefused), typeof(PlaceholderChanged), typeof(TrainingFinished)];
}
