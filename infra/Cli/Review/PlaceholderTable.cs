using CpfPipeline.Cli.Display;
using CpfPipeline.Data.Placeholders;
using Npgsql;
using Spectre.Console;
using static CpfPipeline.Cli.Display.ListTable;

namespace CpfPipeline.Cli.Review;

/// <summary>Prints the placeholders.</summary>
internal static class PlaceholderTable
{
    private const int MaxRows = 100;

    public static async Task WriteAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = await PlaceholderStore.ReadAsync(connection, MaxRows, cancellationToken);
        var limit = await PlaceholderStore.ReadPolicyAsync(connection, cancellationToken);
        if (rows.Count == 0)
        {
            Console.WriteLine($"no placeholders (a picture of one colour, or of {limit} products or more, would be one)");
            return;
        }

        var table = new ListTable("listing that shows it", "products", "images", "blank", "said by a person", "who", "sha256", "note");
        foreach (var row in rows)
        {
            var said = row.Override switch { true => "placeholder", false => "none", null => "" };
            table.Add(
                new Text(row.Source is null ? "none any more" : $"{row.Source}/{row.ExternalId}"), Cell($"{row.ProductKeys}"),
                Cell($"{row.Images}"), new Text(row.Blank ? "blank" : ""), new Text(said), new Text(row.Who ?? ""), new Text(row.Sha256),
                new Text(row.Note ?? ""));
        }

        table.Write();
        Console.WriteLine($"a picture of one colour, or of {limit} products or more, is a placeholder");
    }
}
