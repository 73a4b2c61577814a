namespace CpfPipeline.Vocabulary;

/// <summary>States of a feed, as stored.</summary>
public static class FeedState
{
    /// <summary>Handed in, not begun.</summary>
    public const string Queued = "queued";

    /// <summary>Being read, or to be resumed after a crash.</summary>
    public const string Running = "running";

    /// <summary>Read to its end.</summary>
    public const string Finished = "finished";

    /// <summary>Read to its end, but its snapshot would have retracted too much and retracted nothing.</summary>
    public const string Refused = "refused";

    /// <summary>Could not be read; what had been read stays applied.</summary>
    public const string Failed = "failed";

    /// <summary>Stopped on request; what had been read stays applied.</summary>
    public const string Cancelled = "cancelled";
}
