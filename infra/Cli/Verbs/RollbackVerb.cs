using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Trainings;

namespace CpfPipeline.Cli.Verbs;

internal sealed class RollbackVerb : IVerb
{
    private static readonly Option Wait = new("--wait", "wait until it is the active one");

    public string Name => "rollback";

    public string Summary => "go back to the model that was active before";

    public string Usage => "[--wait]";

    public IReadOnlyList<Option> Options => [Wait];

    public int MaxPositionals => 0;

    public Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken) =>
        TrainingSession.RunAsync("/models/rollback", null, null, arguments.Has(Wait), cancellationToken);
}
