using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Tests.Benchmarks.Servers;
using Npgsql;
using NpgsqlTypes;
using Pgvector;

namespace CpfPipeline.Tests.Benchmarks.Matching;

/// <summary>Rows in a table of the real Postgres with pgvector, and its HNSW index.</summary>
internal sealed class VectorTable(BenchServers servers, EmbeddingMatrix rows)
{
    private const int Dimension = ClusteredRows.Dimension;

    /// <summary>Makes and fills the table.</summary>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        await servers.ExecuteAsync(
            $"create table bench_rows (id bigint primary key, embedding halfvec({Dimension}) not null)", cancellationToken);
        await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
        await using (var writer = await connection.BeginBinaryImportAsync(
            "copy bench_rows (id, embedding) from stdin (format binary)", cancellationToken))
        {
            for (var i = 0; i < rows.Count; i++)
            {
                await writer.StartRowAsync(cancellationToken);
                await writer.WriteAsync(rows.ContentId(i), NpgsqlDbType.Bigint, cancellationToken);
                await writer.WriteAsync(new HalfVector(rows.Row(i).ToArray()), cancellationToken);
            }

            await writer.CompleteAsync(cancellationToken);
        }

        await servers.ExecuteAsync("analyze bench_rows", cancellationToken);
    }

    /// <summary>Reads every row back into memory, as a join has to; returns seconds.</summary>
    public async Task<double> ReadAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var read = new EmbeddingMatrix(Dimension, rows.Count);
        await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
        await using (var reader = await connection.BeginBinaryExportAsync(
            "copy bench_rows (id, embedding) to stdout (format binary)", cancellationToken))
        {
            while (await reader.StartRowAsync(cancellationToken) >= 0)
            {
                var id = await reader.ReadAsync<long>(NpgsqlDbType.Bigint, cancellationToken);
                read.Add(id, (await reader.ReadAsync<HalfVector>(cancellationToken)).Memory.Span);
            }
        }

        return read.Count == rows.Count
            ? Stopwatch.GetElapsedTime(start).TotalSeconds
            : throw new InvalidOperationException($"{read.Count} rows came back of {rows.Count}");
    }

    /// <summary>Builds the index again; returns seconds.</summary>
    public async Task<double> IndexAsync(int m, int efConstruction, CancellationToken cancellationToken)
    {
        await servers.ExecuteAsync("drop index if exists bench_rows_hnsw", cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await servers.ExecuteAsync(
            string.Create(CultureInfo.InvariantCulture, $"""
                set maintenance_work_mem = '2GB';
                set max_parallel_maintenance_workers = 1;
                create index bench_rows_hnsw on bench_rows using hnsw (embedding halfvec_ip_ops) with (m = {m}, ef_construction =
                    {efConstruction})
                """), cancellationToken);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Searches for every given row on two connections at a time.</summary>
    /// <param name="searched">Rows searched for.</param>
    /// <param name="efSearch">hnsw.ef_search.</param>
    /// <param name="count">Rows asked for, besides the row itself.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<(
        double Seconds, long[][] Found)> SearchAsync(int[] searched, int efSearch, int count, CancellationToken cancellationToken)
    {
        var found = new long[searched.Length][];
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 2).Select(half => Task.Run(
            async () =>
            {
                await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
                await using (var set = new NpgsqlCommand(
                    "select set_config('hnsw.ef_search', $1, false), set_config('enable_seqscan', 'off', false)", connection))
                {
                    set.Parameters.Add(new NpgsqlParameter<string> { TypedValue = efSearch.ToString(CultureInfo.InvariantCulture) });
                    await set.ExecuteNonQueryAsync(cancellationToken);
                }

                await using var command = new NpgsqlCommand("select id from bench_rows order by embedding <#> $1 limit $2", connection);
                var (vector, limit) = (new NpgsqlParameter<HalfVector>(), new NpgsqlParameter<int> { TypedValue = count + 1 });
                command.Parameters.Add(vector);
                command.Parameters.Add(limit);
                for (var i = half; i < searched.Length; i += 2)
                {
                    vector.TypedValue = new HalfVector(rows.Row(searched[i]).ToArray());
                    if (!command.IsPrepared)
                    {
                        await command.PrepareAsync(cancellationToken);
                    }

                    var ids = new List<long>(count);
                    await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                    while (await reader.ReadAsync(cancellationToken))
                    {
                        if (reader.GetInt64(0) != rows.ContentId(searched[i]))
                        {
                            ids.Add(reader.GetInt64(0));
                        }
                    }

                    found[i] = [.. ids];
                }
            }, cancellationToken)));
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, found);
    }

    /// <summary>Share of the exact pairs of the searched rows that the searches found.</summary>
    public static double Recall(int[] searched, long[][] found, HashSet<(long, long)> pairs)
    {
        var partners = pairs.SelectMany(pair => new[] { pair, (pair.Item2, pair.Item1) }).ToLookup(pair => pair.Item1, pair => pair.Item2);
        var (all, hit) = (0, 0);
        for (var i = 0; i < searched.Length; i++)
        {
            foreach (var partner in partners[searched[i]])
            {
                all++;
                hit += found[i].Contains(partner) ? 1 : 0;
            }
        }

        return (double)hit / all;
    }

    /// <summary>Different rows, evenly at random.</summary>
    public static int[] Sample(int rows, int count, int seed)
    {
        var all = Enumerable.Range(0, rows).ToArray();
        new Random(seed).Shuffle(all);
        return all[..count];
    }
}
