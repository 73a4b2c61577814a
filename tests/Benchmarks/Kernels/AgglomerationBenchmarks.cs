using BenchmarkDotNet.Attributes;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;

namespace CpfPipeline.Tests.Benchmarks.Kernels;

/// <summary>Groups of one component: many tight groups, and a weak model's giant that becomes one group.</summary>
[ShortRunJob]
public class AgglomerationBenchmarks
{
    private EmbeddingMatrix _members = null!;

    [Params(2_000, 8_000)]
    public int Members { get; set; }

    [Params(false, true)]
    public bool Giant { get; set; }

    [GlobalSetup]
    public void Setup() => _members = RandomEmbeddings.Around(Giant ? 1 : Members / 10, Giant ? 1 : .6, Members, 256, 3);

    [Benchmark]
    public int Cluster() => Agglomeration.Cluster(_members, Giant ? .3 : .5, [], []).Merges.Count;
}
