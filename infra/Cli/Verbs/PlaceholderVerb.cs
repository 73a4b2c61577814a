using System.Globalization;
using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Local;
using CpfPipeline.Cli.Review;
using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Schema;
using Spectre.Console;

namespace CpfPipeline.Cli.Verbs;

internal sealed class PlaceholderVerb : IVerb
{
    private const int TableLimit = 100;
    private static readonly Option Who = new("--who", "who says so (default: the user of this machine)", Value: "NAME");
    private static readonly Option Note = new("--note", "why", Value: "TEXT");

    public string Name => "placeholder";

    public string Summary => "list pictures that are never matched (logos, \"no image\"), mark one, or let it be matched again";

    public string Usage => "[list | limit N | mark|keep|auto SOURCE EXTERNAL_ID [--who NAME] [--note TEXT]]";

    public IReadOnlyList<Option> Options => [Who, Note];

    public int MaxPositionals => 3;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        switch (arguments.Positionals)
        {
            case [] or ["list"]:
                await ListAsync(cancellationToken);
                break;
            case ["limit", var text]:
                if (!int.TryParse(text, CultureInfo.InvariantCulture, out var limit) || limit < 2)
                {
                    throw CommandException.Usage($"limit takes a number of products, 2 or more, not '{text}'");
                }

                using (var client = FeedSession.ClientOf(await RunningInstallation.FindOrStartAsync(cancellationToken)))
                {
                    await client.SetPlaceholderPolicyAsync(limit, cancellationToken);
                }

                Console.WriteLine($"a picture of {limit} products or more is a placeholder from now on; the groups follow this");
                break;
            case [("mark" or "keep" or "auto") and var word, var source, var externalId]:
                var request = new PlaceholderRequest(
                    new PictureName(source, externalId), word, arguments.Value(Who) ?? Environment.UserName, arguments.Value(Note));
                using (var client = FeedSession.ClientOf(await RunningInstallation.FindOrStartAsync(cancellationToken)))
                {
                    await client.OverridePlaceholderAsync(request, cancellationToken);
                }

                Console.WriteLine(word switch
                {
                    "mark" => "never matched from now on",
                    "keep" => "matched from now on, however many products use it",
                    _ => "the number of products decides again",
                });
                break;
            default:
                throw CommandException.Usage($"placeholder takes {Usage}");
        }

        return ExitCode.Done;
    }

    private static async Task ListAsync(CancellationToken cancellationToken)
    {
        await using var dataSource = PostgresDataSource.Create(Installation.Load().PostgresService, "cpf");
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = await PlaceholderStore.ReadAsync(connection, TableLimit, cancellationToken);
        var limit = await PlaceholderStore.ReadPolicyAsync(connection, cancellationToken);
        if (rows.Count == 0)
        {
            Console.WriteLine($"no placeholders (a picture of {limit} products or more would be one)");
            return;
        }

        var table = new Table().RoundedBorder().AddColumns("sha256", "products", "images", "said by a person", "who", "note");
        foreach (var row in rows)
        {
            var said = row.Override switch { true => "placeholder", false => "none", null => "" };
            table.AddRow(new[]
            {
                row.Sha256, row.ProductKeys.ToString(CultureInfo.InvariantCulture), row.Images.ToString(CultureInfo.InvariantCulture), said, row.Who ?? "", row.Note ?? "",
            }.Select(Markup.Escape).ToArray());
        }

        AnsiConsole.Write(table);
        Console.WriteLine($"a picture of {limit} products or more is a placeholder");
    }
}
