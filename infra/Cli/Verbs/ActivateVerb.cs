using System.Globalization;
using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Trainings;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ActivateVerb : IVerb
{
    private static readonly Option Wait = new("--wait", "wait until it is the active one");

    public string Name => "activate";

    public string Summary => "make a model that is there the active one; readers see the old groups until all new ones are there";

    public string Usage => "ID [--wait]";

    public IReadOnlyList<Option> Options => [Wait];

    public int MaxPositionals => 1;

    public Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken) =>
        arguments.Positionals is [var word] && long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var modelId)
            ? TrainingSession.RunAsync($"/models/{modelId}/activate", null, null, arguments.Has(Wait), cancellationToken)
            : throw CommandException.Usage("activate takes the id of a model; infra/cpf models lists them");
}
