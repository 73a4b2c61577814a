using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>A thousand submissions a second for a minute against the real Ingest: none that it accepts may be lost.</summary>
internal sealed class IngestFloodBench : IPipelineBench
{
    private const int PerSecond = 1_000;
    private const int Pictures = 10;
    private const int QueuedImages = 5_000;
    private static readonly TimeSpan Time = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    public string Name => "ingest-flood";

    public string Summary => $"{PerSecond:N0} submissions a second for a minute, of which Ingest can take fewer";

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (blobs, files) = (Path.Combine(context.Work, "blobs"), Directory.CreateDirectory(Path.Combine(context.Work, "in")).FullName);
        var random = new Random(5);
        var pixels = new byte[TinyPng.PixelBytes];
        var uris = new string[Pictures];
        for (var i = 0; i < Pictures; i++)
        {
            random.NextBytes(pixels);
            var path = Path.Combine(files, $"{i}.png");
            await File.WriteAllBytesAsync(path, TinyPng.Of(pixels), cancellationToken);
            uris[i] = new Uri(path).AbsoluteUri;
        }

        await using var servers = await context.OpenServersAsync(cancellationToken);
        await using var ingest = await ServiceProcess.StartAsync(
            context, "Ingest", servers, blobs,
            new Dictionary<string, string> { ["Ingest__FileRoots__0"] = files, ["Ingest__MaxQueuedImages"] = $"{QueuedImages}" },
            cancellationToken);
        var flood = await FloodAsync(ingest.Http, uris, cancellationToken);
        context.Say($"{flood.Accepted.Count:N0} accepted, {flood.Refused:N0} got 429, {flood.Other.Count:N0} others");

        await using var drain = await QueueDrain.StartAsync(servers.RabbitMq, Topology.ContentStoredQueue, cancellationToken);
        var end = Stopwatch.GetTimestamp();
        await Until.TrueAsync(
            async token =>
            {
                await drain.PurgeAsync(token);
                return await servers.ScalarAsync<long>("select count(*) from cpf.images where state = 'received'", token) == 0
                    && await servers.ScalarAsync<long>("select count(*) from cpf.outbox where type = 'SubmitImage'", token) == 0;
            },
            Pause, Limit, "every accepted image was fetched", cancellationToken);
        var stored = await servers.ScalarAsync<long>("select count(*) from cpf.images where state = 'stored'", cancellationToken);
        var lost = flood.Accepted.Count - await servers.ScalarAsync<long>(
            $"select count(*) from cpf.images where external_id = any('{{{string.Join(',', flood.Accepted)}}}')", cancellationToken);
        var others = string.Join("; ", flood.Other.GroupBy(o => o).Select(o => $"{o.Count():N0} x {o.Key}"));
        return new BenchReport(
            $"{PerSecond:N0} POST /images a second, an image each, for {Time.TotalSeconds:0} s; {Pictures} pictures in files; "
                + $"MaxQueuedImages {QueuedImages:N0}",
            [
                new Figure("accepted images that are lost", lost, "images").Below(1),
                new Figure("accepted", flood.Accepted.Count, "images"),
                new Figure("answered 429 with Retry-After", flood.Refused, "requests"),
                new Figure("answered otherwise", flood.Other.Count, "requests").Below(1),
                new Figure("sent", (flood.Accepted.Count + flood.Refused + flood.Other.Count) / flood.Took.TotalSeconds, "requests/s"),
                Figure.Of("time to an acceptance", [.. flood.Times], "ms"),
                new Figure("stored in the end", stored, "images"),
                new Figure("until all were stored, after the flood", Stopwatch.GetElapsedTime(end).TotalSeconds, "s"),
                new Figure("peak resident memory", ingest.PeakResidentMb, "MB"),
            ],
            [others.Length > 0 ? $"Other answers: {others}." : "No other answer than 202 and 429 came."]);
    }

    private static async Task<Flood> FloodAsync(HttpClient http, string[] uris, CancellationToken cancellationToken)
    {
        var (accepted, other, times) = (new ConcurrentBag<string>(), new ConcurrentBag<string>(), new ConcurrentBag<double>());
        var refused = 0;
        var running = new List<Task>();
        var start = Stopwatch.GetTimestamp();
        var sent = 0;
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < Time)
        {
            for (; sent < elapsed.TotalSeconds * PerSecond; sent++)
            {
                running.Add(SubmitAsync($"{sent}", uris[sent % uris.Length]));
            }

            await Task.Delay(Tick, TimeProvider.System, cancellationToken);
        }

        await Task.WhenAll(running);
        return new Flood(accepted, refused, other, times, Stopwatch.GetElapsedTime(start));

        async Task SubmitAsync(string id, string uri)
        {
            var at = Stopwatch.GetTimestamp();
            try
            {
                using var answer = await http.PostAsJsonAsync(
                    "/images", new { source = "flood", external_id = id, uri }, cancellationToken);
                if (answer.StatusCode == HttpStatusCode.Accepted)
                {
                    accepted.Add(id);
                    times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                }
                else if (answer.StatusCode == HttpStatusCode.TooManyRequests && answer.Headers.RetryAfter is not null)
                {
                    Interlocked.Increment(ref refused);
                }
                else
                {
                    other.Add($"{(int)answer.StatusCode}");
                }
            }
            catch (Exception e) when (e is HttpRequestException
                || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                other.Add(e.GetType().Name);
            }
        }
    }

    private sealed record Flood(
        ConcurrentBag<string> Accepted, int Refused, ConcurrentBag<string> Other, ConcurrentBag<double> Times, TimeSpan Took);
}
