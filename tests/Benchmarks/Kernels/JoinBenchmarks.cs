using BenchmarkDotNet.Attributes;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Tests.Benchmarks.Kernels;

/// <summary>The exact join against the loop that decides every pair in double, on the same rows.</summary>
[ShortRunJob]
public class JoinBenchmarks
{
    private EmbeddingMatrix _left = null!;
    private EmbeddingMatrix _right = null!;

    [Params(256, 1024)]
    public int Dimension { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _left = RandomEmbeddings.Around(200, .6, 1_000, Dimension, 1);
        _right = RandomEmbeddings.Around(200, .6, 10_000, Dimension, 1, firstId: 1_000);
    }

    [Benchmark(Baseline = true)]
    public long PlainLoop()
    {
        var pairs = 0L;
        for (var i = 0; i < _left.Count; i++)
        {
            for (var j = 0; j < _right.Count; j++)
            {
                pairs += Similarity.Exact(_left.Row(i), _right.Row(j)) >= .7 ? 1 : 0;
            }
        }

        return pairs;
    }

    [Benchmark]
    public long BlockedOneThread() => Blocked(1);

    [Benchmark]
    public long BlockedAllThreads() => Blocked(0);

    [Benchmark]
    public long BlockedWithNeighbours()
    {
        var pairs = 0L;
        new BlockJoin(_left, .7, new NearestNeighbours(_left.Count, 20, .3)).Accept(_right, (_, _, _) => pairs++);
        return pairs;
    }

    private long Blocked(int threads)
    {
        var pairs = 0L;
        PairJoin.Join(_left, _right, .7, (_, _, _) => pairs++, threads);
        return pairs;
    }
}
