using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Handover;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matcher.Tiles;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Tiles;

/// <summary>
/// Tiles in any cut and order, some of them several times, by any kernel: together they give what one process finds that joins alone.
/// </summary>
public sealed class TileJoinTests
{
    private const double Threshold = 0.75;
    private const int Dimension = 4;

    // Coarse values, so that similarities tie, hit the threshold exactly, and rows come twice.
    private static readonly double[] Coordinates = [-0.5, 0, 0.25, 0.5, 0.75];

    [Fact]
    public void Run_AnyCutOrderRepeatsAndKernels_GiveTheComponentsAndPairsOfOneJoin() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed =>
            {
                var world = new World(seed);
                var expected = world.Alone();

                var (components, pairs) = world.InTiles(missing: _ => false);

                Assert.Equal(expected.Components, components);
                Assert.Equal(expected.Pairs.OrderBy(p => p.ContentA).ThenBy(p => p.ContentB),
                    pairs.OrderBy(p => p.ContentA).ThenBy(p => p.ContentB));
            },
            iter: 100);

    [Fact]
    public void Run_ContentsErasedWhileTilesAreComputed_GiveTheComponentsOfTheRest() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed =>
            {
                var world = new World(seed);
                var random = new Random(seed);
                var erased = world.Ids.Where(_ => random.Next(8) == 0).ToHashSet();

                // Each tile either still saw the erased contents or did not.
                var (components, _) = world.InTiles(missing: _ => random.Next(2) == 0, erased);

                Assert.Equal(
                    world.ComponentsWithout(erased).OrderBy(c => c.Key).Select(c => (c.Key, c.Value)),
                    components.OrderBy(c => c.Key).Select(c => (c.Key, c.Value)));
            },
            iter: 100);

    [Fact]
    public void Run_OneGiant_ReturnsFewerEdgesThanContents()
    {
        var rows = new EmbeddingMatrix(Dimension);
        Half[] same = [(Half)1, (Half)0, (Half)0, (Half)0];
        for (var position = 0; position < 500; position++)
        {
            rows.Add(position, same);
        }

        var side = new PositionedRows(0, 500, rows);

        var result = TileJoin.Run(
            new JoinRules(Threshold, 5, 5, 0.5), side, side, new HashSet<(long, long)>(), World.Finding(PairKernel.Fastest), 1,
            CancellationToken.None);

        Assert.Equal(499, result.Edges.Count);
        Assert.Equal(499 * 8, result.EdgeBytes().Length);
        Assert.InRange(result.Kept.ToBytes().Length, 500 * 5 * 12, 500 * ((2 * 5 * 12) + 16) + 8);
    }

    [Fact]
    public void Run_Cancelled_Stops()
    {
        var world = new World(3);

        Assert.ThrowsAny<OperationCanceledException>(
            () => world.Tile(
                TilePlan.For(world.Ids.Length, 5, 5), 0, PairKernel.Float32, new HashSet<long>(), new CancellationToken(canceled: true)));
    }

    private sealed class World
    {
        private readonly Random _random;
        private readonly EmbeddingMatrix _contents = new(Dimension);
        private readonly VerdictSet _verdicts;
        private readonly MatcherOptions _options;

        public World(int seed)
        {
            _random = new Random(seed);
            var count = 1 + _random.Next(45);
            Ids = [.. Enumerable.Range(0, count).Select(_ => _random.NextInt64(0, 200)).Distinct().Order()];
            foreach (var id in Ids.OrderBy(_ => _random.Next()))
            {
                _contents.Add(
                    id, Enumerable.Range(0, Dimension).Select(_ => (Half)Coordinates[_random.Next(Coordinates.Length)]).ToArray());
            }

            // Some are on contents that are not there.
            _verdicts = new VerdictSet(
                [.. Enumerable.Range(0, _random.Next(12)).Select(_ => (A: _random.NextInt64(0, 200), B: _random.NextInt64(0, 200)))
                    .Where(v => v.A < v.B).Distinct().Select(v => new Verdict(v.A, v.B, _random.Next(3) == 0))]);
            _options = new MatcherOptions
            {
                PairsKept = 1 + _random.Next(6), NearestKept = 1 + _random.Next(5), NearestFloorBelowThreshold = 0.25 * _random.Next(4),
            };
        }

        /// <summary>Rising.</summary>
        public long[] Ids { get; }

        public static PrefilterFactory Finding(PairKernel kernel) => (left, maxThreads) => BlockJoin.NewPrefilter(left, maxThreads, kernel);

        public (Dictionary<long, long> Components, HashSet<MatchRow> Pairs) Alone()
        {
            var join = new WholeJoin(_contents, Threshold, _verdicts, _options, maxThreads: 1, chunkRows: 1 + _random.Next(50));
            var pairs = new HashSet<MatchRow>();
            for (var first = 0; first < _contents.Count; first += join.ChunkRows)
            {
                pairs.UnionWith(join.Run(first, CancellationToken.None));
            }

            return (ById(_contents, join.Finish()), pairs);
        }

        /// <param name="missing">Whether a tile does not see the erased contents any more.</param>
        /// <param name="erased">Contents that are erased before the tiles are united.</param>
        public (Dictionary<long, long> Components, HashSet<MatchRow> Pairs) InTiles(
            Func<int, bool> missing, IReadOnlySet<long>? erased = null)
        {
            erased ??= new HashSet<long>();
            var plan = TilePlan.For(Ids.Length, 1 + _random.Next(12), 1 + _random.Next(50));
            var rules = JoinRules.Of(_options, Threshold);

            // Stored as they are in the database; a tile that is computed twice is stored once, its edges are read in any order.
            var stored = new Dictionary<int, (byte[] Edges, byte[] Kept)>();
            int[] order = [.. Enumerable.Range(0, plan.Tiles), .. Enumerable.Range(0, plan.Tiles).Where(_ => _random.Next(4) == 0)];
            _random.Shuffle(order);
            foreach (var tile in order)
            {
                var kernel = _random.Next(2) == 0 ? PairKernel.Float32 : PairKernel.Fastest;
                var result = Tile(plan, tile, kernel, missing(tile) ? erased : new HashSet<long>(), CancellationToken.None);
                stored[tile] = (result.EdgeBytes(), result.Kept.ToBytes());
            }

            var scrubbed = Ids.Select(id => erased.Contains(id) && _random.Next(2) == 0 ? -1 : id).ToArray();
            var united = new JoinedComponents(scrubbed, _verdicts);
            foreach (var (a, b) in stored.Values.OrderBy(_ => _random.Next()).SelectMany(s => TileResult.ReadEdges(s.Edges)))
            {
                united.Unite(a, b);
            }

            var pairs = new HashSet<MatchRow>();
            for (var block = 0; block < plan.Blocks; block++)
            {
                var (first, count) = plan.PositionsOf(block, 1);
                var merged = new TileNeighbours([.. Enumerable.Range(first, count).Select(position => (long)position)], rules);
                foreach (var tile in stored.Where(s => plan.Tile(s.Key).Block == block))
                {
                    merged.Absorb(tile.Value.Kept);
                }

                var positions = merged.Positions();
                pairs.UnionWith(merged.ToRows(
                    position => positions.Contains(position) ? scrubbed[position] : throw new KeyNotFoundException()));
            }

            var left = new EmbeddingMatrix(Dimension);
            for (var row = 0; row < _contents.Count; row++)
            {
                if (!erased.Contains(_contents.ContentId(row)))
                {
                    left.Add(_contents.ContentId(row), _contents.Row(row));
                }
            }

            return (ById(left, united.Of(left, Threshold, maxThreads: 1, CancellationToken.None)), pairs);
        }

        public TileResult Tile(
            TilePlan plan, int number, PairKernel kernel, IReadOnlySet<long> without, CancellationToken cancellationToken)
        {
            var tile = plan.Tile(number);
            var (firstBlock, blocks) = plan.BlocksOf(tile.Range);
            var (left, right) = (Side(plan.PositionsOf(tile.Block, 1)), Side(plan.PositionsOf(firstBlock, blocks)));
            return TileJoin.Run(
                JoinRules.Of(_options, Threshold), left, right,
                TileInput.DifferentBetween(_verdicts.Different, Positions(left), Positions(right)), Finding(kernel),
                maxThreads: 1 + _random.Next(2), cancellationToken);

            PositionedRows Side((int First, int Count) span)
            {
                var rows = new EmbeddingMatrix(Dimension, span.Count);
                for (var row = 0; row < _contents.Count; row++)
                {
                    var position = Array.BinarySearch(Ids, _contents.ContentId(row));
                    if (position >= span.First && position < span.First + span.Count && !without.Contains(Ids[position]))
                    {
                        rows.Add(position, _contents.Row(row));
                    }
                }

                return new PositionedRows(span.First, span.Count, rows);
            }

            Dictionary<long, int> Positions(PositionedRows side) =>
                Enumerable.Range(side.First, side.Count).ToDictionary(position => Ids[position]);
        }

        /// <summary>By definition.</summary>
        public Dictionary<long, long> ComponentsWithout(IReadOnlySet<long> erased)
        {
            var left = new EmbeddingMatrix(Dimension);
            for (var row = 0; row < _contents.Count; row++)
            {
                if (!erased.Contains(_contents.ContentId(row)))
                {
                    left.Add(_contents.ContentId(row), _contents.Row(row));
                }
            }

            var components = new ConnectedComponents(left.ContentIds);
            for (var a = 0; a < left.Count; a++)
            {
                for (var b = 0; b < a; b++)
                {
                    var (x, y) = (Math.Min(left.ContentId(a), left.ContentId(b)), Math.Max(left.ContentId(a), left.ContentId(b)));
                    if (_verdicts.Same.Contains((x, y))
                        || (Similarity.Exact(left.Row(a), left.Row(b)) >= Threshold && !_verdicts.AreDifferent(x, y)))
                    {
                        components.Union(a, b);
                    }
                }
            }

            return ById(left, components);
        }

        private static Dictionary<long, long> ById(EmbeddingMatrix contents, ConnectedComponents components) =>
            Enumerable.Range(0, contents.Count).ToDictionary(contents.ContentId, components.ComponentId);
    }
}
