using CpfPipeline.Cli.Display;
using Spectre.Console;
using static CpfPipeline.Cli.Display.ListTable;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Prints feeds as a table.</summary>
internal static class FeedTable
{
    public static void Write(IReadOnlyList<ListedFeed> feeds)
    {
        var table = new ListTable("feed", "source", "state", "rows", "stored", "rejected", "retracted", "handed in", "from");
        foreach (var feed in feeds)
        {
            var rows = feed.RowsTotal is { } total && total != feed.RowsRead
                ? (FormattableString)$"{feed.RowsRead:N0} of {total:N0}" : $"{feed.RowsRead:N0}";
            table.Add(
                Cell($"{feed.FeedId}"), new Text(feed.Source), new Text(feed.Snapshot ? $"{feed.State} (snapshot)" : feed.State),
                Cell(rows),
                Cell($"{feed.Stored:N0}"), Cell($"{feed.Rejected:N0}"), Cell($"{feed.Retracted:N0}"),
                Cell($"{feed.SubmittedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z"),
                new Text((feed.Url ?? feed.Path ?? "") + (feed.Message is null ? "" : $"\n{feed.Message}")));
        }

        table.Write();
    }
}
