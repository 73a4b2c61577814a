namespace CpfPipeline.Data.Access;

/// <summary>How what was tried ended.</summary>
public static class AuditOutcome
{
    /// <summary>It is committed.</summary>
    public const string Done = "done";

    /// <summary>It was not done.</summary>
    public const string Refused = "refused";
}
