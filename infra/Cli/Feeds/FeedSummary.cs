using System.Globalization;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Feeds;

/// <summary>How a feed ended.</summary>
/// <param name="Feed">Its row.</param>
/// <param name="Rejections">Rejected inputs by reason.</param>
/// <param name="Contents">Distinct contents among its live images.</param>
/// <param name="Groups">Groups of two images or more that hold some of its images.</param>
/// <param name="GroupedImages">Its images in those groups.</param>
/// <param name="Elapsed">From handing it in until everything was reconciled.</param>
internal sealed record FeedSummary(
    Feed Feed, IReadOnlyList<RejectedInputs> Rejections, long Contents, long Groups, long GroupedImages, TimeSpan Elapsed)
{
    /// <summary>Inputs rejected by Ingest and by the Embedder.</summary>
    public long Rejected => Math.Max(Feed.Rejected, Rejections.Sum(r => r.Count));

    public ExitCode ExitCode => Feed.State switch
    {
        FeedState.Refused => ExitCode.RefusedByGate,
        FeedState.Finished => Rejected == 0 ? ExitCode.Done : ExitCode.Rejected,
        _ => ExitCode.Rejected,
    };

    public void Write(TextWriter output)
    {
        Line("feed", $"{Feed.FeedId} of {Feed.Source}: {Feed.State}" + (Feed.Message is null ? "" : $" ({Feed.Message})"));
        Line("rows", Number(Feed.RowsRead));
        Line("stored", Number(Feed.Stored));
        Line("unchanged", Number(Feed.Unchanged)
            + (Feed.RowsRead > 0 && Feed.Unchanged == Feed.RowsRead && Feed.Retracted == 0 ? ": this feed changed nothing" : ""));
        Line("rejected", Number(Rejected));
        foreach (var reason in Rejections)
        {
            var more = reason.Count - reason.First.Count;
            var first = string.Join(", ", reason.First.Select(id => id.Length == 0 ? "(no external_id)" : id));
            output.WriteLine($"  {reason.Reason,-20} {Number(reason.Count),7}  {first}{(more > 0 ? $", and {Number(more)} more" : "")}");
        }

        foreach (var finding in Feed.Findings)
        {
            Line("note", finding);
        }

        Line("retracted", Number(Feed.Retracted));
        Line("contents", Number(Contents));
        Line("groups", $"{Number(Groups)} hold {Number(GroupedImages)} of its images");
        Line("time", string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds:0.0} s")
            + (Feed.Stored > 0 && Elapsed > TimeSpan.Zero
                ? string.Create(CultureInfo.InvariantCulture, $", {Feed.Stored / Elapsed.TotalSeconds:0.#} images/s") : ""));

        void Line(string name, string value) => output.WriteLine($"{name,-10} {value}");
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
