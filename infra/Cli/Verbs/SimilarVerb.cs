using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Listings;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Schema;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class SimilarVerb : AsyncCommand<SimilarVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var name = new ListingName(settings.Picture).Checked();
        await using var dataSource = PostgresDataSource.Create(Installation.LoadServers().PostgresService, "cpf");
        var store = new ListingStore(dataSource);
        var image = await store.FindAsync(name, cancellationToken);
        var similar = await store.FindSimilarAsync(image, settings.Count, cancellationToken);
        return await settings.PrintAsync(
            () => Task.FromResult(JsonSerializer.Serialize(similar, ServiceClient.IndentedJson)), () => Task.FromResult(similar),
            rows => SimilarTable.Write(image, rows));
    }

    internal sealed class Settings : ListSettings
    {
        [CommandArgument(0, "<PICTURE>")]
        [Description("SOURCE/EXTERNAL_ID of an image, or the SHA-256 of a picture.")]
        public string Picture { get; init; } = "";

        [CommandOption("-n|--count <N>")]
        [Description("How many, 1 to 1000. Default: 10.")]
        [Range(1, 1000)]
        [DefaultValue(10)]
        public int Count { get; init; } = 10;
    }
}
