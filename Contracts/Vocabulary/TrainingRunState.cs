namespace CpfPipeline.Vocabulary;

/// <summary>Where a run of the Trainer stands.</summary>
public static class TrainingRunState
{
    /// <summary>No driver has taken it up yet.</summary>
    public const string Queued = "queued";

    /// <summary>A driver works on it, or will again.</summary>
    public const string Running = "running";

    /// <summary>Its model is active.</summary>
    public const string Finished = "finished";

    /// <summary>Its candidate was refused by the gate or by the limit on churn.</summary>
    public const string Refused = "refused";

    /// <summary>Nothing to learn from or to measure on yet.</summary>
    public const string TooLittleData = "too_little_data";

    /// <summary>Something unexpected ended it; the message says what.</summary>
    public const string Failed = "failed";

    /// <summary>It was cancelled on request.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Whether it has ended.</summary>
    public static bool HasEnded(string state) => state is not (Queued or Running);
}
