using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Reconciling;

/// <summary>Has the Matcher reconcile.</summary>
internal sealed class ReconcileClient(ServiceClient matcher)
{
    /// <summary>Joins exactly what was only searched for so far. Answers when that is done.</summary>
    /// <exception cref="CommandException">The Matcher does not answer.</exception>
    public Task<ReconcileAnswer> ReconcileAsync(CancellationToken cancellationToken) =>
        matcher.PostAsync<ReconcileAnswer>("/reconcile", null, cancellationToken);
}
