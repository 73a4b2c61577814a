using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>Resident memory of the real Ingest while it reads a feed of a million rows.</summary>
internal sealed class IngestMemoryBench : IPipelineBench
{
    private const int Rows = 1_000_000;
    private const int Pictures = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    public string Name => "ingest-memory";

    public string Summary => "Ingest's resident memory on a feed of a million rows";

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (blobs, files) = (Path.Combine(context.Work, "blobs"), Directory.CreateDirectory(Path.Combine(context.Work, "feed")).FullName);
        var feed = WriteFeed(files);
        await using var servers = await context.OpenServersAsync(cancellationToken);
        await using var ingest = await ServiceProcess.StartAsync(
            context, "Ingest", servers, blobs,
            new Dictionary<string, string> { ["Ingest__FileRoots__0"] = files }, cancellationToken);
        var idle = ingest.ResidentMb;
        var start = Stopwatch.GetTimestamp();
        using (var request = new HttpRequestMessage(
            HttpMethod.Post, "/feeds") { Content = JsonContent.Create(new { source = "bench", path = feed, format = "csv" }) })
        {
            using var response = await ingest.Http.SendAsync(request, cancellationToken);
            response.EnsureSuccessStatusCode();
        }

        await using var drain = await QueueDrain.StartAsync(servers.RabbitMq, Topology.ContentStoredQueue, cancellationToken);
        var samples = new List<(long Done, double Mb)>();
        await Until.TrueAsync(
            async token =>
            {
                await drain.PurgeAsync(token);
                var state = await servers.ScalarAsync<string>("select state || ' ' || rows_read from cpf.feeds", token);
                var done = long.Parse(state.Split(' ')[1], CultureInfo.InvariantCulture);
                samples.Add((done, ingest.ResidentMb));
                if (samples.Count % 40 == 0)
                {
                    context.Say(string.Create(CultureInfo.InvariantCulture, $"{state}: {samples[^1].Mb:0} MB"));
                }

                return !state.StartsWith("queued", StringComparison.Ordinal) && !state.StartsWith("running", StringComparison.Ordinal);
            },
            Pause, Limit, "the feed is read", cancellationToken);

        var took = Stopwatch.GetElapsedTime(start);
        var outcome = await servers.ScalarAsync<string>(
            "select row_to_json(f)::text from (select state, rows_read, stored, rejected, unchanged from cpf.feeds) f", cancellationToken);
        if (JsonDocument.Parse(outcome).RootElement.GetProperty("rows_read").GetInt64() != Rows)
        {
            throw new InvalidOperationException($"the feed was not read to its end: {outcome}");
        }

        var first = samples.Where(s => s.Done is >= Rows / 10 and < Rows / 2).Select(s => s.Mb).ToArray();
        var second = samples.Where(s => s.Done >= Rows / 2).Select(s => s.Mb).ToArray();
        return new BenchReport(
            $"a CSV of {Rows:N0} rows ({new FileInfo(feed).Length / 1e6:0} MB): half show one of {Pictures} pictures, half are rejected "
                + $"({outcome})",
            [
                new Figure("peak resident memory", ingest.PeakResidentMb, "MB").Below(300),
                Figure.Of("resident, first half (from the first tenth on)", first, "MB"),
                Figure.Of("resident, second half", second, "MB"),
                new Figure("growth of the mean from first to second half", 100 * ((second.Average() / first.Average()) - 1), "%"),
                new Figure("resident before the feed", idle, "MB"),
                new Figure("rows", Rows / took.TotalSeconds, "rows/s"),
            ],
            ["VmRSS of the real process every half second and its VmHWM. Nobody consumes its events: their queue is emptied now and then. "
                + "MB are 10^6 bytes."]);
    }

    private static string WriteFeed(string folder)
    {
        var random = new Random(5);
        var pixels = new byte[TinyPng.PixelBytes];
        for (var i = 0; i < Pictures; i++)
        {
            random.NextBytes(pixels);
            File.WriteAllBytes(Path.Combine(folder, $"{i}.png"), TinyPng.Of(pixels));
        }

        var path = Path.Combine(folder, "feed.csv");
        using var writer = new StreamWriter(path);
        writer.WriteLine("external_id,uri,product_key");
        var root = new Uri(folder).AbsoluteUri;
        for (var i = 0; i < Rows; i++)
        {
            writer.WriteLine(i % 2 == 0 ? $"{i},{root}/{i / 2 % Pictures}.png,product {i % Pictures}" : $"{i},ftp://example.org/{i}.jpg,");
        }

        return path;
    }
}
