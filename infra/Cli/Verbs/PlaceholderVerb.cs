using System.ComponentModel;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Review;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Schema;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class PlaceholderVerb : AsyncCommand<PlaceholderVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        switch (PlaceholderAction.Of(settings.Action, settings.Words, settings.Who, settings.Note))
        {
            case PlaceholderAction.ListAll:
                await using (var dataSource = PostgresDataSource.Create(Installation.Load().PostgresService, "cpf"))
                {
                    await PlaceholderTable.WriteAsync(dataSource, cancellationToken);
                }

                break;
            case PlaceholderAction.SetLimit limit:
                using (var matcher = ServiceClient.Of(await RunningInstallation.FindOrStartAsync(cancellationToken), "Matcher"))
                {
                    await new ReviewClient(matcher).SetPlaceholderPolicyAsync(limit.MinProducts, cancellationToken);
                }

                Console.WriteLine(
                    $"a picture of {limit.MinProducts} products or more is a placeholder from now on; the groups have followed");
                break;
            case PlaceholderAction.Override one:
                using (var matcher = ServiceClient.Of(await RunningInstallation.FindOrStartAsync(cancellationToken), "Matcher"))
                {
                    await new ReviewClient(matcher).OverridePlaceholderAsync(one.Body, cancellationToken);
                }

                Console.WriteLine(one.Body.Word switch
                {
                    "mark" => "never matched from now on",
                    "keep" => "matched from now on, however many products use it",
                    _ => "the number of products decides again",
                });
                break;
        }

        return (int)ExitCode.Done;
    }

    internal sealed class Settings : ReviewSettings
    {
        [CommandArgument(0, "[ACTION]")]
        [Description("list; limit N; mark, keep or auto SOURCE EXTERNAL_ID. Without it: list.")]
        public string Action { get; init; } = "list";

        [CommandArgument(1, "[WORDS]")]
        [Description("limit: how many products make a picture a placeholder. mark: never match this picture; keep: match it; auto: let the "
            + "number decide.")]
        public string[] Words { get; init; } = [];
    }
}
