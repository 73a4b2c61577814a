using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Trainings;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ModelsVerb : AsyncCommand<ListSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, ListSettings settings, CancellationToken cancellationToken)
    {
        using var client = TrainerClient.Of(Installation.Load());
        return await settings.PrintAsync(
            () => client.ReadModelsJsonAsync(cancellationToken), () => client.ReadModelsAsync(cancellationToken), ModelTable.Write);
    }
}
