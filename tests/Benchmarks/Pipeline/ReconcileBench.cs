using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;
using Npgsql;
using NpgsqlTypes;
using Pgvector;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// The real Matcher reconciles 5,000 new contents against 100,000: reading, joining, repairing, writing. Every planted pair was missed
/// before, which is the most work a reconcile can have; the result is checked pair by pair.
/// </summary>
internal sealed class ReconcileBench : IPipelineBench
{
    private const int Old = 100_000;
    private const int New = 5_000;
    private const int CopiesOfOld = 1_000;
    private const int NewPairs = 250;
    private const int Rounds = 3;
    private const double Threshold = .8;
    private const int Dim = BenchModel.EmbeddingDim;

    public string Name => "reconcile";

    public string Summary => "exact join and repair of 5,000 new contents against 100,000 x 256";

    public bool OnlyWhenNamed => false;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var blobs = Path.Combine(context.Work, "blobs");
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var (modelId, headId) = await BenchModel.Pixels(TinyPng.Side)
            .RegisterAsync(new ModelStore(servers.DataSource), new FolderBlobStore(blobs), Threshold, cancellationToken);
        var vectors = Vectors();
        var contents = vectors.Select((_, i) => Content.Of(BitConverter.GetBytes(i), "png", 8, 8)).ToArray();
        await Seed.ContentsAsync(servers.DataSource, contents, cancellationToken);
        await WriteAsync(servers, modelId, headId, contents, vectors, 0, Old, reconciled: true, cancellationToken);
        var planted = Planted().Select(p => (A: contents[p.A].ContentId, B: contents[p.B].ContentId)).ToArray();

        await using var matcher = await ServiceProcess.StartAsync(
            context, "Matcher", servers, blobs,
            new Dictionary<string, string> { ["Matcher__ReconcileWhenIdleFor"] = "10:00:00", ["Matcher__IndexAtContents"] = "1000000000" },
            cancellationToken);
        var (walls, joins) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            await ForgetAsync(servers, contents, cancellationToken);
            await WriteAsync(servers, modelId, headId, contents, vectors, Old, New, reconciled: false, cancellationToken);
            var join = Join(vectors, contents);
            var start = Stopwatch.GetTimestamp();
            using (var response = await matcher.Http.PostAsync("/reconcile", content: null, cancellationToken))
            {
                response.EnsureSuccessStatusCode();
            }

            var wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await CheckAsync(servers, planted, cancellationToken);
            context.Say(string.Create(CultureInfo.InvariantCulture, $"round {round}: {wall:0.00} s, bare join {join:0.00} s"));
            if (round > 0)
            {
                walls.Add(wall); // The first round warms up.
                joins.Add(join);
            }
        }

        return new BenchReport(
            $"{New:N0} new contents against {Old:N0}, random unit vectors of {Dim} values; {CopiesOfOld:N0} near copies of old ones and "
                + $"{NewPairs} new pairs planted, all missed before; {Rounds} rounds",
            [
                Figure.Of("request to answer", walls, "s").Below(5),
                Figure.Of("bare join in memory (baseline)", joins, "s"),
                Figure.Of("ratio of the baseline to the whole", [.. joins.Zip(walls, (j, w) => j / w)], ""),
                new Figure("planted pairs found and grouped", planted.Length, "pairs") { Goal = $"= {CopiesOfOld + NewPairs}", Met = true },
            ],
            [
                "POST /reconcile of the real Matcher with an empty queue: embeddings streamed from Postgres, exact join, repair of every "
                    + "planted pair, explanations and events written.",
                "The baseline joins the same halves already in this program's memory, all pairs at the threshold, and writes nothing.",
            ]);
    }

    // First the old, then the new; a new content below CopiesOfOld is near the old one of its number, the next ones are near each other by
    // two.
    private static Half[][] Vectors()
    {
        var random = new Random(3);
        var vectors = new Half[Old + New][];
        for (var i = 0; i < vectors.Length; i++)
        {
            var near = i < Old ? null : PartnerOf(i) is { } partner && partner < i ? vectors[partner] : null;
            vectors[i] = Unit(random, near);
        }

        return vectors;
    }

    private static int? PartnerOf(int index) => (index - Old) switch
    {
        < 0 => null,
        < CopiesOfOld => index - Old,
        < CopiesOfOld + (2 * NewPairs) => ((index - Old - CopiesOfOld) % 2) == 1 ? index - 1 : index + 1,
        _ => null,
    };

    private static IEnumerable<(int A, int B)> Planted() => Enumerable.Range(Old, New)
        .Where(i => PartnerOf(i) is { } partner && partner < i).Select(i => (PartnerOf(i)!.Value, i));

    // Gaussian, so that directions are uniform; with a near vector at a similarity of about 0.95.
    private static Half[] Unit(Random random, Half[]? near)
    {
        var values = new double[Dim];
        for (var i = 0; i < Dim; i++)
        {
            values[i] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        }

        var norm = Math.Sqrt(values.Sum(v => v * v));
        for (var i = 0; i < Dim; i++)
        {
            values[i] = (values[i] / norm * (near is null ? 1 : .33)) + (near is null ? 0 : (double)near[i]);
        }

        norm = Math.Sqrt(values.Sum(v => v * v));
        return [.. values.Select(v => (Half)(v / norm))];
    }

    private static double Join(Half[][] vectors, Content[] contents)
    {
        var (left, right) = (new EmbeddingMatrix(Dim, New), new EmbeddingMatrix(Dim, Old + New));
        for (var i = 0; i < vectors.Length; i++)
        {
            right.Add(contents[i].ContentId, vectors[i]);
            if (i >= Old)
            {
                left.Add(contents[i].ContentId, vectors[i]);
            }
        }

        var pairs = 0;
        var start = Stopwatch.GetTimestamp();
        PairJoin.Join(left, right, Threshold, (_, _, _) => pairs++);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return pairs == CopiesOfOld + (2 * NewPairs)
            ? seconds : throw new InvalidOperationException($"the vectors hold {pairs} pairs, planted otherwise");
    }

    private static async Task WriteAsync(
        BenchServers servers, long modelId, long headId, Content[] contents, Half[][] vectors, int first, int count, bool reconciled,
        CancellationToken cancellationToken)
    {
        await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
        // Together, or the Matcher would take them for lost arrivals.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var writer = await connection.BeginBinaryImportAsync(
            "copy cpf.embeddings (head_id, content_id, embedding) from stdin (format binary)", cancellationToken))
        {
            for (var i = first; i < first + count; i++)
            {
                await writer.StartRowAsync(cancellationToken);
                await writer.WriteAsync(headId, NpgsqlDbType.Bigint, cancellationToken);
                await writer.WriteAsync(contents[i].ContentId, NpgsqlDbType.Bigint, cancellationToken);
                await writer.WriteAsync(new HalfVector(vectors[i]), cancellationToken);
            }

            await writer.CompleteAsync(cancellationToken);
        }

        await using (var writer = await connection.BeginBinaryImportAsync(
            "copy cpf.group_members (model_id, content_id, group_id, component_id, reconciled) from stdin (format binary)",
            cancellationToken))
        {
            for (var i = first; i < first + count; i++)
            {
                await writer.StartRowAsync(cancellationToken);
                await writer.WriteAsync(modelId, NpgsqlDbType.Bigint, cancellationToken);
                await writer.WriteAsync(contents[i].ContentId, NpgsqlDbType.Bigint, cancellationToken);
                await writer.WriteAsync(contents[i].ContentId, NpgsqlDbType.Bigint, cancellationToken);
                await writer.WriteAsync(contents[i].ContentId, NpgsqlDbType.Bigint, cancellationToken);
                await writer.WriteAsync(reconciled, NpgsqlDbType.Boolean, cancellationToken);
            }

            await writer.CompleteAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        await servers.ExecuteAsync("analyze cpf.embeddings; analyze cpf.group_members", cancellationToken);
    }

    // Back to where only the old ones are matched.
    private static async Task ForgetAsync(BenchServers servers, Content[] contents, CancellationToken cancellationToken)
    {
        await using var command = servers.DataSource.CreateCommand(
            """
            with gone as (delete from cpf.group_members where content_id = any($1))
            delete from cpf.embeddings where content_id = any($1)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = contents[Old..].Select(c => c.ContentId).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
        await servers.ExecuteAsync(
            """
            truncate cpf.matches, cpf.groups, cpf.group_merges, cpf.group_events, cpf.reconciles;
            update cpf.group_members set group_id = content_id, component_id = content_id
                where group_id <> content_id or component_id <> content_id
            """, cancellationToken);
    }

    private static async Task CheckAsync(BenchServers servers, (long A, long B)[] planted, CancellationToken cancellationToken)
    {
        await using var command = servers.DataSource.CreateCommand(
            """
            select (select count(*) from unnest($1, $2) as p(a, b)
                    join cpf.group_members x on x.content_id = p.a
                    join cpf.group_members y on y.content_id = p.b and y.group_id = x.group_id),
                   (select count(*) from cpf.group_members where group_id <> content_id),
                   (select count(*) from cpf.group_members where not reconciled or pending)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = planted.Select(p => p.A).ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = planted.Select(p => p.B).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (together, grouped, waiting) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        if (together != planted.Length || grouped != planted.Length || waiting != 0)
        {
            throw new InvalidOperationException(
                $"of {planted.Length} planted pairs {together} are together; {grouped} contents joined others; {waiting} wait");
        }
    }
}
