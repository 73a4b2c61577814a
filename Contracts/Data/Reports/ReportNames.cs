using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CpfPipeline.Data.Contents;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Data.Reports;

/// <summary>Names the catalogue's pictures in a report when somebody reads it, so that no name in it outlives the listing.</summary>
public static partial class ReportNames
{
    /// <summary>The page with the listings that show its pictures now.</summary>
    /// <param name="dataSource">The process's data source.</param>
    /// <param name="page">As it is stored (see <see cref="ReportContent"/>).</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<string> FillAsync(NpgsqlDataSource dataSource, string page, CancellationToken cancellationToken)
    {
        long[] ids = [.. Places().Matches(page).Select(IdOf).Distinct()];
        if (ids.Length == 0)
        {
            return page;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var names = await ShownName.ReadAsync(connection, ids, cancellationToken);
        return Fill(page, names);
    }

    /// <summary>The page with given names. Pure.</summary>
    public static string Fill(string page, IReadOnlyDictionary<long, string> names) =>
        Places().Replace(page, place => WebUtility.HtmlEncode(names[IdOf(place)]));

    private static long IdOf(Match place) => long.Parse(place.Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    // Labels of a report are escaped: none of them can be the beginning of an element or end an attribute.
    [GeneratedRegex(
        "(?<=<bdi class=\"" + ReportContent.Mark + "\">|<img [^>]*alt=\")" + ReportContent.Mark + " ([0-9]{1,19})(?=</bdi>|\")")]
    private static partial Regex Places();
}
