using CpfPipeline.Trainer.Hub;
using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

internal sealed class BackboneGetVerb(OfflineConsole console) : AsyncCommand<BackboneGetSettings>
{
    public override Task<int> ExecuteAsync(CommandContext context, BackboneGetSettings settings, CancellationToken cancellationToken) =>
        BackboneGet.RunAsync(
            settings, HubSettings.Of(Environment.GetEnvironmentVariable, console.StateFolder), console, cancellationToken);
}
