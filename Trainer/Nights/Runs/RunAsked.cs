using CpfPipeline.Data.Runs;

namespace CpfPipeline.Nights.Runs;

/// <summary>What came of asking for a run.</summary>
public abstract record RunAsked
{
    /// <summary>A run was added.</summary>
    public sealed record Started(TrainingRun Run) : RunAsked;

    /// <summary>There is one with this key.</summary>
    public sealed record Known(TrainingRun Run) : RunAsked;

    /// <summary>Another run is going on; nothing was added.</summary>
    public sealed record GoingOn(TrainingRun Run) : RunAsked;

    /// <summary>The key was used for something else.</summary>
    public sealed record KeyTaken(TrainingRun Run) : RunAsked;

    /// <summary>The order makes no sense; says what to do.</summary>
    public sealed record Invalid(string Detail) : RunAsked;

    /// <summary>No such model.</summary>
    public sealed record UnknownModel(string Detail) : RunAsked;

    /// <summary>It cannot be done as things are.</summary>
    public sealed record Impossible(string Detail) : RunAsked;
}
