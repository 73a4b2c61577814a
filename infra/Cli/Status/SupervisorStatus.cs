namespace CpfPipeline.Cli.Status;

/// <summary>The supervisor of local mode.</summary>
/// <param name="Pid">Its process; null when it does not run, so that nothing is started again.</param>
/// <param name="Restarts">How often each component was started again since <c>up</c>, by its name.</param>
/// <param name="KeepsDying">Components that die again and again soon after their start, with what happened.</param>
internal sealed record SupervisorStatus(
    int? Pid, IReadOnlyDictionary<string, int> Restarts, IReadOnlyDictionary<string, string> KeepsDying);
