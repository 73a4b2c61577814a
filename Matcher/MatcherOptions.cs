using System.ComponentModel.DataAnnotations;
using CpfPipeline.Matcher.Search;

namespace CpfPipeline.Matcher;

/// <summary>Settings of the Matcher, section <c>Matcher</c>.</summary>
public sealed class MatcherOptions : IValidatableObject
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Matcher";

    // What is kept of a block is one value of a row, which PostgreSQL takes up to a gigabyte.
    private const long MaxBlockPairs = 40_000_000;

    /// <summary>
    /// Largest component, in contents, that is regrouped while its message is handled. Larger ones are regrouped in the background, and
    /// their arrivals are pending meanwhile. Default 2,000.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxOnlineComponent { get; set; } = 2_000;

    /// <summary>Members from which on a model's embeddings get a vector index. Default 50,000.</summary>
    [Range(1, long.MaxValue)]
    public long IndexAtContents { get; set; } = 50_000;

    /// <summary>
    /// Memory of the database server, MiB, that building the vector index may take. It takes what the rows need, 1.4 GB for a million of
    /// 256 values. When that is more, the build goes on at some hundred rows a second, and a warning says so. Default 2,048.
    /// </summary>
    [Range(64, 1_048_576)]
    public int IndexMegabytes { get; set; } = 2_048;

    /// <summary>Memory for the embeddings kept in this process, MiB. When they do not fit, none are kept, and the index or a stream is used
    /// instead. 0: keep none.
    /// Default 384 (500,000 contents of 256 values).</summary>
    [Range(0, 65_536)]
    public int GalleryMegabytes { get; set; } = 384;

    /// <summary>How neighbours of arrivals are found: <c>Auto</c> takes the cheaper way. Default Auto.</summary>
    public SearchMode Search { get; set; } = SearchMode.Auto;

    /// <summary>Neighbours that the index is first asked for; more when the last one still reaches the threshold. Default 64.</summary>
    [Range(1, 1000)]
    public int IndexNeighbours { get; set; } = 64;

    /// <summary>HNSW's ef_search of the first search: a larger one finds more and costs more. Default 100.</summary>
    [Range(1, 1000)]
    public int IndexCandidates { get; set; } = 100;

    /// <summary>Pairs at or above the threshold kept for explanation, per content. Default 200.</summary>
    [Range(1, 10_000)]
    public int PairsKept { get; set; } = 200;

    /// <summary>Nearest contents kept for explanation, per content. Default 20.</summary>
    [Range(1, 1000)]
    public int NearestKept { get; set; } = 20;

    /// <summary>How far below the threshold the nearest contents kept may lie, as similarity. Default 0.2.</summary>
    [Range(0.0, 2.0)]
    public double NearestFloorBelowThreshold { get; set; } = 0.2;

    /// <summary>Time without work after which new contents are reconciled. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan ReconcileWhenIdleFor { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Contents since the last reconcile from which on the next one runs even while there is other work. Default 10,000.</summary>
    [Range(1, 10_000_000)]
    public int ReconcileAtContents { get; set; } = 10_000;

    /// <summary>Contents joined at a time by a reconcile or rebuild. Default 5,000.</summary>
    [Range(1, 100_000)]
    public int ChunkContents { get; set; } = 5_000;

    /// <summary>
    /// Live contents from which on the night's exact join is computed in tiles by all Matchers together. Below, the Matcher that groups the
    /// shadow joins alone. Default 200,000.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int TilesAtContents { get; set; } = 200_000;

    /// <summary>Contents on the left side of a tile. Default 16,384.</summary>
    [Range(1, 65_536)]
    public int TileBlockContents { get; set; } = 16_384;

    /// <summary>
    /// Contents on the right side of a tile at most, which whoever computes it keeps in memory: 1,000,000 of 256 values take 512 MB.
    /// Default 1,000,000.
    /// </summary>
    [Range(1, 16_000_000)]
    public int TileRangeContents { get; set; } = 1_000_000;

    /// <summary>
    /// Threads for a tile. 0: half of the processors, because live matching goes on; all of them in a process that only joins. Default 0.
    /// </summary>
    [Range(0, 1024)]
    public int TileThreads { get; set; }

    /// <summary>Whether this process does nothing but compute tiles. Default no.</summary>
    public bool JoinsOnly { get; set; }

    /// <summary>How often the Matcher looks for arrivals and departures whose messages were lost. Default 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RepairEvery { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How often one of the Matchers reads the gauges of the whole pipeline (see infra/telemetry). Over a large catalogue it pauses longer:
    /// twenty times as long as reading them took. Default 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan GaugesEvery { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request for a picture waits for the Embedder to make it. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan MaxPictureWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long somebody who compares a picture with the catalogue waits for Ingest and the Embedder. Default 20 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:02:00")]
    public TimeSpan MaxProbeWait { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Maximum size of a picture that is compared with the catalogue, in bytes. Default 32 MiB.</summary>
    [Range(1, 1 << 30)]
    public int MaxProbeBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Pictures that are compared with the catalogue at once by this process; further ones are told to wait. Default 8.</summary>
    [Range(1, 256)]
    public int MaxProbesAtOnce { get; set; } = 8;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if ((long)TileBlockContents * (PairsKept + NearestKept) > MaxBlockPairs)
        {
            yield return new ValidationResult(
                $"{nameof(TileBlockContents)} x ({nameof(PairsKept)} + {nameof(NearestKept)}) is at most {MaxBlockPairs}.",
                [nameof(TileBlockContents)]);
        }
    }

    /// <summary>Threads for a tile, after <see cref="TileThreads"/>.</summary>
    internal int ThreadsPerTile =>
        TileThreads > 0 ? TileThreads : JoinsOnly ? Environment.ProcessorCount : Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>
    /// Smallest similarity of a nearest content that is kept: the threshold less <see cref="NearestFloorBelowThreshold"/>, at least 0.
    /// </summary>
    internal double NearestFloor(double threshold) => Math.Min(threshold, Math.Max(0, threshold - NearestFloorBelowThreshold));
}
