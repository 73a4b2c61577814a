using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Trainings;
using CpfPipeline.CommandLine;
using CpfPipeline.Vocabulary;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

/// <summary>The service's half of <c>train</c>. The launcher hands the verb without <c>--nightly</c> to the Trainer's executable.</summary>
internal sealed class TrainVerb : AsyncCommand<TrainVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken) =>
        settings.Nightly
        ? (int)await TrainingSession.RunAsync("/trainings", settings.Body, settings.IdempotencyKey, settings.Wait, cancellationToken)
        : throw new UsageException("training on labelled pictures is started with infra/cpf; here train takes --nightly");

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--nightly")]
        [Description("Let the Trainer train on the catalogue, and hand over if the new model is better.")]
        public bool Nightly { get; init; }

        [CommandOption("--wait")]
        [Description("Wait for the end. Exit code: 0 activated, 4 refused, 5 too little data, 3 failed or cancelled.")]
        public bool Wait { get; init; }

        [CommandOption("--threshold-precision <P>")]
        [Description("Choose the threshold for this precision, such as 0.99. Default: the threshold with the best F1.")]
        [Range(0d, 1d, MinimumIsExclusive = true, MaximumIsExclusive = true)]
        public double? ThresholdPrecision { get; init; }

        [CommandOption("--threshold-only")]
        [Description("Choose another threshold on the active model's head. Nothing is trained or embedded.")]
        public bool ThresholdOnly { get; init; }

        [CommandOption("--idempotency-key <K>")]
        [Description("Asking again with the same key gives the same run.")]
        public string? IdempotencyKey { get; init; }

        public TrainingBody Body => new(ThresholdOnly ? TrainingRunKind.Threshold : TrainingRunKind.Training, ThresholdPrecision);
    }
}
