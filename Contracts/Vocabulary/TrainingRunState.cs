namespace CpfPipeline.Vocabulary;

/// <summary>Where a run of the Trainer stands.</summary>
public static class TrainingRunState
{
    /// <summary>Nobody has taken it up yet.</summary>
    public const string Queued = "queued";

    /// <summary>Being driven, or about to be again.</summary>
    public const string Running = "running";

    /// <summary>Its model is active.</summary>
    public const string Finished = "finished";

    /// <summary>By the gate or the limit on churn.</summary>
    public const string Refused = "refused";

    /// <summary>Nothing to learn from or to measure on yet.</summary>
    public const string TooLittleData = "too_little_data";

    /// <summary>Something unexpected ended it; the message says what.</summary>
    public const string Failed = "failed";

    /// <summary>Somebody asked for its end.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Whether nothing happens to it any more.</summary>
    public static bool HasEnded(string state) => state is not (Queued or Running);
}
