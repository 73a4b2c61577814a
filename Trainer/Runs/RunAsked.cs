using CpfPipeline.Data;

namespace CpfPipeline.Trainer.Runs;

/// <summary>What came of asking for a run.</summary>
internal abstract record RunAsked
{
    /// <summary>A run was added.</summary>
    internal sealed record Started(TrainingRun Run) : RunAsked;

    /// <summary>There is one with this key.</summary>
    internal sealed record Known(TrainingRun Run) : RunAsked;

    /// <summary>Another run is going on; nothing was added.</summary>
    internal sealed record GoingOn(TrainingRun Run) : RunAsked;

    /// <summary>The key was used for something else.</summary>
    internal sealed record KeyTaken(TrainingRun Run) : RunAsked;

    /// <summary>The order makes no sense; says what to do.</summary>
    internal sealed record Invalid(string Detail) : RunAsked;

    /// <summary>No such model.</summary>
    internal sealed record UnknownModel(string Detail) : RunAsked;

    /// <summary>It cannot be done as things are.</summary>
    internal sealed record Impossible(string Detail) : RunAsked;
}
