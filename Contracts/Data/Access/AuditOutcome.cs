namespace CpfPipeline.Data.Access;

/// <summary>How what was tried ended.</summary>
public static class AuditOutcome
{
    /// <summary>It is committed.</summary>
    public const string WasDone = "done";

    /// <summary>It was not done.</summary>
    public const string WasRefused = "refused";
}
