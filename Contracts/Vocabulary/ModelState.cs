namespace CpfPipeline.Vocabulary;

/// <summary>Where a model stands, as stored and as told.</summary>
public static class ModelState
{
    /// <summary>Made and measured; nothing is embedded under it yet.</summary>
    public const string Candidate = "candidate";

    /// <summary>New contents are embedded under it, beside the active model; its groups are not shown.</summary>
    public const string Shadow = "shadow";

    /// <summary>Its groups are the ones shown. There is at most one.</summary>
    public const string Active = "active";

    /// <summary>Was active before.</summary>
    public const string Retired = "retired";

    /// <summary>Refused by the gate or by the limit on churn.</summary>
    public const string Refused = "refused";
}
