using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CpfPipeline.Data.Ids;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;
using CpfPipeline.Tests.Benchmarks.Sql;

namespace CpfPipeline.Tests.Benchmarks.Pages;

/// <summary>How long the real Matcher takes for its web pages over a large generated catalogue, asked one after the other.</summary>
internal sealed partial class PagesBench(string name, int contents) : IPipelineBench
{
    private const int Requests = 60;
    private const int DeepPages = 40;
    private const string Source = "shop-7";
    private const string ExternalId = "item-1007";
    private const double MaxFirstPageMilliseconds = 200;

    public static IReadOnlyList<IPipelineBench> All { get; } =
        [new PagesBench("pages-100k", 100_000), new PagesBench("pages-1m", 1_000_000)];

    public string Name => name;

    public string Summary => string.Create(CultureInfo.InvariantCulture, $"the web pages over {contents:N0} contents");

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var seconds = await GeneratedCatalogue.FillAsync(servers, contents, cancellationToken);
        context.Say(string.Create(CultureInfo.InvariantCulture, $"{contents:N0} contents after {seconds:0} s"));
        await servers.ExecuteAsync(
            $"""
            update cpf.images set image_id = '{ImageId.From(Source, ExternalId)}'
            where source = '{Source}' and external_id = '{ExternalId}'
            """,
            cancellationToken); // The catalogue is made in the database, where ids of its own kind stand in for those of listings.
        const string Active = "select group_id from cpf.groups join cpf.models using (model_id) where state = 'active'";
        var giant = await servers.ScalarAsync<long>($"{Active} order by size desc limit 1", cancellationToken);
        var small = await servers.ScalarAsync<long>($"{Active} and size = 4 limit 1", cancellationToken);
        var blobs = Directory.CreateDirectory(Path.Combine(context.Work, "blobs")).FullName;
        await using var matcher = await ServiceProcess.StartAsync(context, "Matcher", servers, blobs, settings: null, cancellationToken);
        var deep = await FollowAsync(matcher.Http, "/gallery?sort=size", DeepPages, cancellationToken);

        var figures = new List<Figure>();
        foreach (var (what, address, isBarred) in new[]
        {
            ("first page of groups, most doubtful", "/gallery", true),
            ("first page of groups, largest", "/gallery?sort=size", true),
            ("first page of groups, last changed", "/gallery?sort=newest", true),
            (string.Create(CultureInfo.InvariantCulture, $"page {DeepPages + 1} of groups, largest"), deep, true),
            ("groups of a source", "/gallery?source=shop-3", true),
            ("groups of a product key", "/gallery?key=gtin:77", true),
            ("groups of a source that nobody has", "/gallery?source=nobody", true),
            ("groups whose keys disagree", "/gallery?conflict=1", false),
            ("groups with one of the next pairs to review", "/gallery?open=1", true),
            ("page of a small group", $"/gallery/{small}", true),
            ("page of the largest group", $"/gallery/{giant}", false),
            ("a listing found", $"/find?q={Source}/{ExternalId}", true),
            ("overview", "/overview", true),
            ("models", "/models", true),
        })
        {
            var milliseconds = await AskAsync(matcher.Http, address, cancellationToken);
            context.Say(string.Create(CultureInfo.InvariantCulture, $"{what}: p95 {P95(milliseconds):0} ms"));
            figures.Add(Figure.Of(what, milliseconds, "ms"));
            var tail = new Figure($"{what}, 95th of a hundred", P95(milliseconds), "ms");
            figures.Add(isBarred ? tail.Below(MaxFirstPageMilliseconds) : tail);
        }

        return new BenchReport(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{contents:N0} generated contents with 1.3 images each, a giant group of {contents / 200:N0}; {seconds:0} s to generate"),
            figures,
            [
                $"Each page was asked for {Requests} times, one after the other, after a first time that is not counted.",
                "The time is that of the whole answer over loopback, without pictures.",
                "The Matcher's own work went on beside it: it looks for what is not reconciled.",
            ]);
    }

    private static async Task<string> FollowAsync(HttpClient http, string address, int pages, CancellationToken cancellationToken)
    {
        for (var i = 0; i < pages; i++)
        {
            address = WebUtility.HtmlDecode(NextLink().Match(await http.GetStringAsync(address, cancellationToken)).Groups[1].Value);
        }

        return address;
    }

    private static async Task<double[]> AskAsync(HttpClient http, string address, CancellationToken cancellationToken)
    {
        var milliseconds = new double[Requests];
        for (var i = -1; i < Requests; i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.GetAsync(address, cancellationToken);
            await answer.Content.ReadAsStringAsync(cancellationToken);
            if ((int)answer.StatusCode >= 400)
            {
                throw new InvalidOperationException($"{address} answered {(int)answer.StatusCode}.");
            }

            if (i >= 0)
            {
                milliseconds[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }
        }

        return milliseconds;
    }

    private static double P95(IReadOnlyCollection<double> milliseconds) => milliseconds.Order().ElementAt(milliseconds.Count * 95 / 100);

    [GeneratedRegex("rel=\"next\" href=\"([^\"]+)\"")]
    private static partial Regex NextLink();
}
