using System.Globalization;
using CpfPipeline.Data.Placeholders;
using Npgsql;
using Spectre.Console;

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
            Console.WriteLine($"no placeholders (a picture of {limit} products or more would be one)");
            return;
        }

        var table = new Table().RoundedBorder().AddColumns("sha256", "products", "images", "said by a person", "who", "note");
        foreach (var row in rows)
        {
            var said = row.Override switch { true => "placeholder", false => "none", null => "" };
            table.AddRow(new[]
            {
                row.Sha256, row.ProductKeys.ToString(CultureInfo.InvariantCulture), row.Images.ToString(CultureInfo.InvariantCulture), said,
                    row.Who ?? "", row.Note ?? "",
            }.Select(Markup.Escape).ToArray());
        }

        AnsiConsole.Write(table);
        Console.WriteLine($"a picture of {limit} products or more is a placeholder");
    }
}
