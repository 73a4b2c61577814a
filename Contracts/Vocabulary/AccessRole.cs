namespace CpfPipeline.Vocabulary;

/// <summary>What somebody may do over HTTP. No role includes another.</summary>
public static class AccessRole
{
    /// <summary>Look at everything: groups, pages, pictures, progress, health.</summary>
    public const string Read = "read";

    /// <summary>Submit, upload and retract images and feeds, of the sources that the key is bound to.</summary>
    public const string Submit = "submit";

    /// <summary>Give verdicts, and say what is a placeholder.</summary>
    public const string Review = "review";

    /// <summary>Train, cancel runs, bring in models and take them out as files.</summary>
    public const string Train = "train";

    /// <summary>Erase images and contents, and read the receipts.</summary>
    public const string Erase = "erase";

    /// <summary>Activate models, roll back, reconcile, set thresholds and policies, read files of the machine, and see the jobs.</summary>
    public const string Operate = "operate";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Submit, Review, Train, Erase, Operate];
}
