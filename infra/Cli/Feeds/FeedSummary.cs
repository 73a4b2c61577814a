using System.Globalization;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Feeds;

/// <summary>How a feed ended.</summary>
/// <param name="Feed">Its row.</param>
/// <param name="Rejections">Rejected inputs by reason.</param>
/// <param name="First">The first rejected inputs.</param>
/// <param name="Contents">Distinct contents among its live images.</param>
/// <param name="Groups">Groups of two images or more that hold some of its images.</param>
/// <param name="GroupedImages">Its images in those groups.</param>
/// <param name="Elapsed">From handing it in until everything was reconciled.</param>
internal sealed record FeedSummary(
    Feed Feed, IReadOnlyList<RejectedInputs> Rejections, IReadOnlyList<RejectedInput> First, long Contents, long Groups, long GroupedImages,
    TimeSpan Elapsed)
{
    private const int MaxDetail = 200;

    // From here on so few groups are told as what they most often are: pictures that the model cannot tell apart.
    private const int MinLumpedImages = 20;
    private const int MinImagesPerLump = 10;

    public FeedCounts Counts => FeedCounts.Of(Feed, Rejections);

    public ExitCode ExitCode => Feed.State switch
    {
        FeedState.Refused => ExitCode.RefusedByGate,
        FeedState.Finished when Feed.RowsRead == 0 => ExitCode.FeedFailed,
        FeedState.Finished => Counts.Rejected == 0 && Feed.Duplicates == 0 ? ExitCode.Done : ExitCode.Rejected,
        _ => ExitCode.FeedFailed,
    };

    public void Write(TextWriter output)
    {
        Line("feed", $"{Feed.FeedId} of {Feed.Source}: {Feed.State}" + (Feed.Message is null ? "" : $" ({Feed.Message})"));
        var isPart = Feed.RowsTotal > Counts.Rows;
        Line("rows", Number(Counts.Rows)
            + (isPart ? $" of {Number(Feed.RowsTotal!.Value)}" : Counts.Rows == 0 ? ": nothing was taken" : ""));
        Line("stored", Number(Counts.Stored));
        Line("unchanged", Number(Counts.Unchanged)
            + (Counts.Rows > 0 && Counts.Unchanged == Counts.Rows && Feed.Retracted == 0 ? ": this feed changed nothing" : ""));
        Line("rejected", Number(Counts.Rejected));
        foreach (var reason in Rejections)
        {
            output.WriteLine($"  {reason.Reason,-20} {Number(reason.Count),7}  {Names(reason)}");
        }

        WriteFirst(output);
        if (Counts.Waiting > 0)
        {
            Line("waiting", $"{Number(Counts.Waiting)} whose images were not fetched yet");
        }

        foreach (var finding in Feed.Findings)
        {
            Line("note", finding);
        }

        if (Feed.Duplicates > 0)
        {
            Line("duplicates",
                $"{Number(Feed.Duplicates)} rows give an image that another row lists with another picture: give each picture its own id");
        }

        Line("retracted", Number(Feed.Retracted));
        Line("contents", Number(Contents));
        Line("groups", $"{Number(Groups)} hold {Number(GroupedImages)} of its images");
        if (GroupedImages >= MinLumpedImages && GroupedImages >= MinImagesPerLump * Groups)
        {
            Line("note", $"{Number(GroupedImages / Groups)} images a group: the active model may not tell pictures of this kind apart. "
                + "infra/cpf open shows them, infra/cpf rollback goes back to the model before");
        }

        Line("time", string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds:0.0} s")
            + (Counts.Stored > 0 && Elapsed > TimeSpan.Zero
                ? string.Create(CultureInfo.InvariantCulture, $", {Counts.Stored / Elapsed.TotalSeconds:0.#} images/s") : ""));

        void Line(string name, string value) => output.WriteLine($"{name,-10} {value}");
    }

    private static string Names(RejectedInputs reason)
    {
        var more = reason.Count - reason.First.Count;
        return string.Join(", ", reason.First.Select(id => id.Length == 0 ? "(no external_id)" : id))
            + (more > 0 ? $", and {Number(more)} more" : "");
    }

    private void WriteFirst(TextWriter output)
    {
        foreach (var rejected in First)
        {
            var detail = rejected.Detail?.ReplaceLineEndings(" ") ?? "";
            output.WriteLine(
                $"  {(rejected.Row is { } row ? $"row {Number(row)}: " : "")}{rejected.Name}: {rejected.Reason}"
                + (detail.Length == 0 ? "" : $" ({(detail.Length > MaxDetail ? detail[..MaxDetail] + "..." : detail)})"));
        }

        if (Counts.Rejected > First.Count)
        {
            output.WriteLine($"  and {Number(Counts.Rejected - First.Count)} more: --rejections FILE writes all");
        }

        if (Counts.Unlisted > 0)
        {
            output.WriteLine($"  {Number(Counts.Unlisted)} of them were too many to be recorded by row");
        }
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
