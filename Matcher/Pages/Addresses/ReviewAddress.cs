using System.Globalization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Pages.Addresses;

/// <summary>Addresses of the review pages.</summary>
internal static class ReviewAddress
{
    public const string Pair = ContentAddress.Pair;
    public const string Next = PageEntry.Review + "/next";
    public const string Answer = PageEntry.Review + "/answer";
    public const string Undo = PageEntry.Review + "/undo";
    public const string Name = PageEntry.Review + "/name";
    public const string Score = PageEntry.Review + "/score";
    public const string History = PageEntry.Review + "/history";
    public const string Contradictions = PageEntry.Review + "/contradictions";
    public const string Group = PageEntry.Review + "/group";
    public const string Placeholders = PageEntry.Review + "/placeholders";

    /// <summary>A place of the queue.</summary>
    public static string Queue(int at, ReviewView view, bool otherOnTop) =>
        With(string.Create(CultureInfo.InvariantCulture, $"{PageEntry.Review}?at={at}"), view, otherOnTop);

    /// <summary>Two pictures.</summary>
    public static string Of(long a, long b, ReviewView view, bool otherOnTop) => With(Of(a, b), view, otherOnTop);

    /// <summary>Two pictures, side by side.</summary>
    public static string Of(long a, long b) => ContentAddress.OfPair(a, b);

    /// <summary>The summary of a decision on a group.</summary>
    public static string OfGroup(long groupId) => string.Create(CultureInfo.InvariantCulture, $"{Group}/{groupId}");

    /// <summary>What was said before a change.</summary>
    public static string HistoryBefore(long seq) => Before(History, seq);

    /// <summary>What was refused before a contradiction.</summary>
    public static string ContradictionsBefore(long id) => Before(Contradictions, id);

    /// <summary>What tells of pictures that a form called placeholders.</summary>
    public static string OfPlaceholders(IEnumerable<long> contentIds, Guid form) =>
        $"{Placeholders}?form={form}"
        + string.Concat(contentIds.Select(id => string.Create(CultureInfo.InvariantCulture, $"&p={id}")));

    /// <summary>Whether text is an address of this site, which a form may lead back to.</summary>
    public static bool IsLocal(string? address) =>
        address is ['/', ..] && !address.StartsWith("//", StringComparison.Ordinal) && !address.Contains('\\')
        && !address.Any(char.IsControl);

    private static string Before(string address, long row) => string.Create(CultureInfo.InvariantCulture, $"{address}?before={row}");

    private static string With(string address, ReviewView view, bool otherOnTop) =>
        (view, otherOnTop) switch
        {
            (_, false) when view == ReviewView.Side => address,
            (_, false) => $"{address}&view={view.Word}",
            _ => $"{address}&view={view.Word}&top=b",
        };
}
