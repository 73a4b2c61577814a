using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Integration.Fixtures.Objects;

namespace CpfPipeline.Tests.Benchmarks.Storage;

/// <summary>Blobs in a bucket against blobs in a folder, in turns.</summary>
internal sealed class BlobStoreBench : IPipelineBench
{
    private const int BlobCount = 1_000;
    private const int BlobBytes = 100_000;
    private const int Turns = 7;
    private const int Callers = 8;
    private static readonly string[] Steps = ["write", "write again", "read", "list", "delete"];

    public string Name => "blob-store";

    public string Summary => "blobs written, read, listed and deleted a second in a bucket, against a folder";

    public bool OnlyWhenNamed => false;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var server = await FakeObjectStore.StartAsync();
        using var objects = new ObjectStore(server.Options(), TimeProvider.System);
        var (bucket, folder) = (new BucketBlobStore(objects), new FolderBlobStore(Path.Combine(context.Work, "blobs")));
        var (theirs, ours, ratios) = (Runs(), Runs(), Runs());
        for (var turn = -1; turn < Turns; turn++)
        {
            var blobs = Make(turn);
            var first = turn % 2 == 0;
            var one = await MeasureAsync(first ? bucket : folder, blobs, cancellationToken);
            var two = await MeasureAsync(first ? folder : bucket, blobs, cancellationToken);
            foreach (var step in turn < 0 ? [] : Steps)
            {
                var (inBucket, inFolder) = first ? (one[step], two[step]) : (two[step], one[step]);
                ours[step].Add(inBucket);
                theirs[step].Add(inFolder);
                ratios[step].Add(inBucket / inFolder);
            }
        }

        return new BenchReport(
            $"{BlobCount} blobs of {BlobBytes} bytes a turn, {Turns} turns, {Callers} callers at once",
            [
                .. Steps.SelectMany(step => new[]
                {
                    Figure.Of($"{step}: bucket to folder, ratio", ratios[step], ""),
                    Figure.Of($"{step}: bucket", ours[step], "blobs/s"),
                    Figure.Of($"{step}: folder (baseline)", theirs[step], "blobs/s"),
                }),
            ],
            [
                "The bucket is the server of the tests, in this process, over loopback: it checks every signature and the hash of every "
                    + "body, and keeps all in memory. So the figures say what the client costs, and not how fast somebody's store is.",
                "The folder flushes each blob to the disk. A read from the bucket is compared with its hash; one from the folder is not.",
                "Write again: the same blobs once more; both stores look that they are there and send or write no bytes.",
            ]);

        static Dictionary<string, List<double>> Runs() => Steps.ToDictionary(s => s, _ => new List<double>());
    }

    private static async Task<Dictionary<string, double>> MeasureAsync(
        IBlobStore store, IReadOnlyList<(byte[] Sha256, byte[] Bytes)> blobs, CancellationToken cancellationToken)
    {
        var rates = new Dictionary<string, double>();
        foreach (var step in new[] { "write", "write again" })
        {
            rates[step] = await RateAsync(blobs, (b, token) => store.WriteAsync(b.Sha256, b.Bytes, token), cancellationToken);
        }

        var wrong = new ConcurrentBag<byte[]>();
        rates["read"] = await RateAsync(blobs, async (b, token) =>
        {
            if (!(await store.ReadAsync(b.Sha256, token)).AsSpan().SequenceEqual(b.Bytes))
            {
                wrong.Add(b.Sha256);
            }
        }, cancellationToken);
        var (start, listed) = (Stopwatch.GetTimestamp(), 0);
        for (var part = 0; part < 256; part++)
        {
            listed += await store.ListAsync((byte)part, cancellationToken).CountAsync(cancellationToken);
        }

        rates["list"] = listed / Stopwatch.GetElapsedTime(start).TotalSeconds;
        rates["delete"] = await RateAsync(blobs, (b, token) => store.DeleteAsync(b.Sha256, token), cancellationToken);
        return wrong.IsEmpty && listed == blobs.Count ? rates : throw new InvalidOperationException("a blob is wrong, or is not listed");
    }

    private static async Task<double> RateAsync(
        IReadOnlyList<(byte[] Sha256, byte[] Bytes)> blobs, Func<(byte[] Sha256, byte[] Bytes), CancellationToken, Task> step,
        CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(blobs, parallel, async (b, token) => await step(b, token));
        return blobs.Count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static List<(byte[] Sha256, byte[] Bytes)> Make(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, BlobCount).Select(_ =>
        {
            var bytes = new byte[BlobBytes];
            random.NextBytes(bytes);
            return (SHA256.HashData(bytes), bytes);
        })];
    }
}
