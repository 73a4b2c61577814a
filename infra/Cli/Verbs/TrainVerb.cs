using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Trainings;

namespace CpfPipeline.Cli.Verbs;

/// <summary>The service's half of <c>train</c>; the launcher hands the verb without <c>--nightly</c> to the Trainer's executable.</summary>
internal sealed class TrainVerb : IVerb
{
    private static readonly Option Nightly = new("--nightly", "have the Trainer train on the catalogue and hand over if the model is better");
    private static readonly Option Wait = new("--wait", "wait for the end; exit code 0 activated, 4 refused, 5 too little data, 3 failed or cancelled");
    private static readonly Option Precision = new("--threshold-precision", "choose the threshold for this precision instead of the best F1, such as 0.99", Value: "P");
    private static readonly Option ThresholdOnly = new("--threshold-only", "another threshold on the active model's head: nothing is trained or embedded");
    private static readonly Option Key = new("--idempotency-key", "asking again with the same key gives the same run", Value: "K");

    public string Name => "train";

    public string Summary => "train a model on labelled pictures (needs no services); with --nightly: have the service train on the catalogue";

    public string Usage => "--nightly [--wait] [--threshold-precision P] [--threshold-only] [--idempotency-key K]";

    public IReadOnlyList<Option> Options => [Nightly, Wait, Precision, ThresholdOnly, Key];

    public int MaxPositionals => 0;

    public Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        if (!arguments.Has(Nightly))
        {
            throw CommandException.Usage("train on labelled pictures is started with infra/cpf; here it takes --nightly");
        }

        return TrainingSession.RunAsync("/trainings", BodyOf(arguments), arguments.Value(Key), arguments.Has(Wait), cancellationToken);
    }

    internal static TrainingBody BodyOf(ParsedArguments arguments)
    {
        var precision = arguments.Number(Precision);
        return precision is null or (> 0 and < 1)
            ? new TrainingBody(arguments.Has(ThresholdOnly) ? "threshold" : "training", precision)
            : throw CommandException.Usage($"{Precision.Name} takes a number between 0 and 1, such as 0.99");
    }

    /// <summary>The body of <c>POST /trainings</c>.</summary>
    internal sealed record TrainingBody(string Kind, double? TargetPrecision);
}
