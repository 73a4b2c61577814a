using System.Globalization;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using Npgsql;

namespace CpfPipeline.Cli.Verifications;

/// <summary>The active model's groups as of one moment, streamed.</summary>
/// <param name="connection">Connection whose transaction shows that moment.</param>
/// <param name="model">The active model.</param>
internal sealed class StoredModel(NpgsqlConnection connection, ComparedModel model)
{
    /// <summary>The active model at that moment; null before the first.</summary>
    public static Task<ComparedModel?> ReadActiveAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.Sql(
        """
        select m.model_id, m.head_id, m.threshold, h.embedding_dim
        from cpf.models m
        join cpf.heads  h using (head_id)
        where m.state = 'active'
        """).FirstOrDefaultAsync(
            row => new ComparedModel(row.GetInt64(0), row.GetInt64(1), row.GetDouble(2), row.GetInt32(3)), cancellationToken);

    /// <summary>The components, one at a time.</summary>
    public async Task ForEachComponentAsync(Action<StoredComponent> visit, CancellationToken cancellationToken)
    {
        await using var rows = await HalfvecCopyReader.OpenAsync(
            connection, string.Create(CultureInfo.InvariantCulture, $"""
                copy (select m.component_id, m.content_id, m.group_id, m.pending::int::bigint, e.embedding
                      from cpf.group_members m
                      join cpf.embeddings    e on e.head_id = {model.HeadId} and e.content_id = m.content_id
                      where m.model_id = {model.ModelId}
                      order by m.component_id, m.content_id) to stdout (format binary)
                """), ids: 4, model.EmbeddingDim, cancellationToken);
        StoredComponent? open = null;
        var (groups, pending) = (new Dictionary<long, long>(), false);
        while (await rows.ReadAsync(cancellationToken))
        {
            if (open?.ComponentId != rows.Id(0))
            {
                Close();
                (groups, pending) = ([], false);
                open = new StoredComponent(rows.Id(0), new EmbeddingMatrix(model.EmbeddingDim), groups, false);
            }

            open!.Contents.Add(rows.Id(1), rows.Values);
            groups.Add(rows.Id(1), rows.Id(2));
            pending |= rows.Id(3) != 0;
        }

        Close();

        void Close()
        {
            if (open is not null)
            {
                visit(open with { IsPending = pending });
            }
        }
    }

    /// <summary>The next members that were compared with all others and wait for nothing, by content.</summary>
    /// <param name="after">The last content of the block before; -1 to begin.</param>
    /// <param name="rows">So many at most.</param>
    /// <param name="everyNth">1: all; n: a sample of an n-th of them.</param>
    /// <param name="offset">Which n-th: less than n.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Their embeddings, and the component of each row.</returns>
    public async Task<(EmbeddingMatrix Rows, List<long> Components)> ReadBlockAsync(
        long after, int rows, long everyNth, long offset, CancellationToken cancellationToken)
    {
        var (block, components) = (new EmbeddingMatrix(model.EmbeddingDim, rows), new List<long>());
        await ForEachSettledAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"and m.content_id > {after} and (m.content_id + {offset}) % {everyNth} = 0 order by m.content_id limit {rows}"),
            (id, component, values) =>
            {
                block.Add(id, values);
                components.Add(component);
            }, cancellationToken);
        return (block, components);
    }

    /// <summary>All members that were compared with all others and wait for nothing, in any order, in blocks.</summary>
    /// <param name="blockRows">Members a block.</param>
    /// <param name="visit">Receives a block, and the component of each row. Both are used again.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ForEachBlockAsync(int blockRows, Action<EmbeddingMatrix, List<long>> visit, CancellationToken cancellationToken)
    {
        var (block, components) = (new EmbeddingMatrix(model.EmbeddingDim, blockRows), new List<long>(blockRows));
        await ForEachSettledAsync(
            "",
            (id, component, values) =>
            {
                block.Add(id, values);
                components.Add(component);
                if (block.Count == blockRows)
                {
                    visit(block, components);
                    block.Clear();
                    components.Clear();
                }
            }, cancellationToken);
        if (block.Count > 0)
        {
            visit(block, components);
        }
    }

    /// <summary>How many members there are.</summary>
    public Task<long> CountAsync(CancellationToken cancellationToken) =>
        connection.Sql("select count(*) from cpf.group_members where model_id = $1", [model.ModelId]).WithoutTimeout()
            .ScalarAsync<long>(cancellationToken);

    /// <summary>Verdicts, in memory: people give them one by one.</summary>
    public async Task<(List<(long A, long B)> Same, HashSet<(long A, long B)> Different)> ReadVerdictsAsync(
        CancellationToken cancellationToken)
    {
        var (same, different) = (new List<(long, long)>(), new HashSet<(long, long)>());
        await connection.Sql("select content_a, content_b, verdict = 'same' from cpf.verdicts").WithoutTimeout().ForEachAsync(
            row =>
            {
                if (row.GetBoolean(2))
                {
                    same.Add((row.GetInt64(0), row.GetInt64(1)));
                }
                else
                {
                    different.Add((row.GetInt64(0), row.GetInt64(1)));
                }
            }, cancellationToken);
        return (same, different);
    }

    /// <summary>Cohesion of the groups as stored, by group.</summary>
    public async Task<Dictionary<long, GroupCohesion>> ReadCohesionAsync(CancellationToken cancellationToken) =>
        (await connection.Sql(
            "select group_id, size, min_pair_similarity, medoid, weakest_merge from cpf.groups where model_id = $1", [model.ModelId])
            .WithoutTimeout().QueryAsync(
                row => new GroupCohesion(row.GetInt64(0), row.GetInt32(1), row.GetDouble(2), row.GetInt64(3), row.GetDouble(4)),
                cancellationToken)).ToDictionary(g => g.GroupId);

    /// <summary>The merges as stored, by what was merged away.</summary>
    public async Task<Dictionary<long, AgglomerationMerge>> ReadMergesAsync(CancellationToken cancellationToken) =>
        (await connection.Sql("""select "left", "right", height from cpf.group_merges where model_id = $1""", [model.ModelId])
            .WithoutTimeout().QueryAsync(
                row => new AgglomerationMerge(row.GetInt64(0), row.GetInt64(1), row.GetDouble(2)), cancellationToken))
            .ToDictionary(m => m.Right);

    private async Task ForEachSettledAsync(string further, EmbeddingVisitor visit, CancellationToken cancellationToken)
    {
        await using var rows = await HalfvecCopyReader.OpenAsync(
            connection, string.Create(CultureInfo.InvariantCulture, $"""
                copy (select m.content_id, m.component_id, e.embedding
                      from cpf.group_members m
                      join cpf.embeddings    e on e.head_id = {model.HeadId} and e.content_id = m.content_id
                      where m.model_id = {model.ModelId} and m.reconciled and not m.pending {further}) to stdout (format binary)
                """), ids: 2, model.EmbeddingDim, cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            visit(rows.Id(0), rows.Id(1), rows.Values);
        }
    }
}
