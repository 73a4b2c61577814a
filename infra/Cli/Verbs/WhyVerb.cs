using System.ComponentModel;
using System.Text.Json;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Listings;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Schema;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class WhyVerb : AsyncCommand<WhyVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var (a, b) = (new ListingName(settings.A).Checked(), new ListingName(settings.B).Checked());
        await using var dataSource = PostgresDataSource.Create(Installation.LoadServers().PostgresService, "cpf");
        var store = new ListingStore(dataSource);
        var steps = await store.ExplainAsync(
            await store.FindAsync(a, cancellationToken), await store.FindAsync(b, cancellationToken), cancellationToken);
        Console.Write(settings.Json ? JsonSerializer.Serialize(steps, ServiceClient.IndentedJson) + "\n" : WhyText.Of(steps));
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<A>")]
        [Description("SOURCE/EXTERNAL_ID of an image, or the SHA-256 of a picture.")]
        public string A { get; init; } = "";

        [CommandArgument(1, "<B>")]
        [Description("The other one.")]
        public string B { get; init; } = "";

        [CommandOption("--json")]
        [Description("Print JSON.")]
        public bool Json { get; init; }
    }
}
