using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>A marketplace's feed in the real Ingest, and the same feed again: how long it takes, in how much memory.</summary>
/// <param name="rows">Rows of the feed, about a kilobyte each.</param>
/// <param name="name">Name of the bench.</param>
/// <param name="inFiles">Whether each row's picture is a file of its own; else it comes over HTTP.</param>
internal sealed class FeedRepeatBench(int rows, string name, bool inFiles = false) : IPipelineBench
{
    private const int Pictures = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Limit = TimeSpan.FromHours(2);

    public static IEnumerable<FeedRepeatBench> All =>
    [
        new FeedRepeatBench(100_000, "feed-repeat-100k"), new FeedRepeatBench(1_000_000, "feed-repeat-1m"),
        new FeedRepeatBench(100_000, "feed-repeat-files-100k", inFiles: true),
    ];

    public string Name => name;

    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"a feed of {rows:N0} rows with pictures {(inFiles ? "in files" : "by URL")} in Ingest, and the same again");

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var pictures = NewPictures();
        await using var server = new PictureServer(pictures);
        var folder = Directory.CreateDirectory(Path.Combine(context.Work, "feed")).FullName;
        var feed = Path.Combine(folder, "feed.csv");
        await WriteAsync(feed, server.Address, cancellationToken);
        if (inFiles)
        {
            await WriteFilesAsync(folder, pictures, cancellationToken);
        }

        await using var servers = await context.OpenServersAsync(cancellationToken);
        await using var ingest = await ServiceProcess.StartAsync(
            context, "Ingest", servers, Path.Combine(context.Work, "blobs"),
            new Dictionary<string, string> { ["Ingest__AllowPrivateAddresses"] = "true" },
            cancellationToken);
        await using var drain = await QueueDrain.StartAsync(servers.RabbitMq, Topology.ContentStoredQueue, cancellationToken);
        var first = await RunAsync(context, ingest, drain, feed, cancellationToken);
        var peakOfFirst = ingest.PeakResidentMb;
        var asked = server.Requests;
        var same = await RunAsync(context, ingest, drain, feed, cancellationToken);
        await File.AppendAllTextAsync(feed, Row(server.Address, rows), cancellationToken);
        var compared = await RunAsync(context, ingest, drain, feed, cancellationToken);
        var isAsExpected = first.Stored == rows && same.Unchanged == rows && compared.Unchanged == rows && compared.Stored == 1;
        Require(isAsExpected, first, same, compared);
        return new BenchReport(
            string.Create(
                CultureInfo.InvariantCulture,
                $"a CSV of {rows:N0} rows ({new FileInfo(feed).Length / 1e6:0} MB), each with {(inFiles ? "a file" : "a URL")} of its own"),
            [
                new Figure("first run", first.Seconds, "s"),
                new Figure("the same bytes again", same.Seconds, "s"),
                new Figure("one row more: every row compared", compared.Seconds, "s"),
                new Figure("the same bytes, as a share of the first run", 100 * same.Seconds / first.Seconds, "%").Below(10),
                new Figure("every row compared, as a share of the first run", 100 * compared.Seconds / first.Seconds, "%"),
                new Figure("pictures fetched by both later runs", server.Requests - asked, "pictures"),
                new Figure("peak resident memory after the first run", peakOfFirst, "MB").Below(300),
                new Figure("peak resident memory after all", ingest.PeakResidentMb, "MB").Below(300),
            ],
            [
                inFiles
                    ? "Each picture is a file of its own; the later runs look at each."
                    : "Pictures come over HTTP from the benchmark's own process on the same machine.",
                "VmHWM of the real process. MB are 10^6 bytes.",
            ]);
    }

    private static async Task<Outcome> RunAsync(
        BenchContext context, ServiceProcess ingest, QueueDrain drain, string feed, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/feeds")
        {
            Content = JsonContent.Create(new { source = "bench", path = feed, format = "csv" }),
        };
        using var response = await ingest.Http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        var feedId = (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("feed_id").GetString();
        JsonElement state = default;
        await Until.TrueAsync(
            async token =>
            {
                await drain.PurgeAsync(token);
                state = await ingest.Http.GetFromJsonAsync<JsonElement>(new Uri($"/feeds/{feedId}", UriKind.Relative), token);
                return state.GetProperty("state").GetString() is not ("queued" or "running");
            },
            Pause, Limit, "the feed is read", cancellationToken);
        var outcome = new Outcome(
            Stopwatch.GetElapsedTime(start).TotalSeconds, state.GetProperty("stored").GetInt64(), state.GetProperty("unchanged").GetInt64(),
            state.GetProperty("state").GetString()!);
        context.Say(outcome.ToString());
        return outcome;
    }

    private static void Require(bool condition, params Outcome[] outcomes)
    {
        if (!condition || outcomes.Any(o => o.State != "finished"))
        {
            throw new InvalidOperationException($"the feeds were not read as expected: {string.Join("; ", outcomes.AsEnumerable())}");
        }
    }

    private static byte[][] NewPictures()
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, Pictures).Select(_ =>
        {
            var pixels = new byte[TinyPng.PixelBytes];
            random.NextBytes(pixels);
            return TinyPng.Of(pixels);
        })];
    }

    private async Task WriteAsync(string path, string address, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync("external_id,uri,product_key,title,description");
        for (var i = 0; i < rows; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await writer.WriteAsync(Row(address, i));
        }
    }

    // A thousand files in a folder.
    private static string FileOf(int i) => string.Create(CultureInfo.InvariantCulture, $"{i / 1000}/{i}.png");

    private async Task WriteFilesAsync(string folder, byte[][] pictures, CancellationToken cancellationToken)
    {
        for (var i = 0; i <= rows; i++)
        {
            var path = Path.Combine(folder, FileOf(i));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, pictures[i % Pictures], cancellationToken);
        }
    }

    private string Row(string address, int i) => string.Create(
        CultureInfo.InvariantCulture,
        $"item-{i},{(inFiles ? FileOf(i) : $"{address}/{i % Pictures}?{i}")},product {i % 1000},\"A title, {i}\",{new string('x', 900)}\n");

    private sealed record Outcome(double Seconds, long Stored, long Unchanged, string State);
}
