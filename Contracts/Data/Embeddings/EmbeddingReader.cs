using System.Globalization;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Embeddings;

/// <summary>Reads stored embeddings in bulk, without an object per vector.</summary>
public static class EmbeddingReader
{
    /// <summary>Reads the embeddings of given contents, in any order; contents without one are left out.</summary>
    public static async Task ReadAsync(
        NpgsqlConnection connection, long headId, int dimension, IReadOnlyCollection<long> contentIds, EmbeddingVisitor visitor,
        CancellationToken cancellationToken)
    {
        if (contentIds.Count == 0)
        {
            return;
        }

        var statement = connection.Sql(
            "select content_id, 0::bigint, halfvec_send(embedding) from cpf.embeddings where head_id = $1 and content_id = any($2)",
            [headId, contentIds.ToArray()]);
        await ReadAsync(statement, dimension, visitor, cancellationToken);
    }

    /// <summary>Reads the embeddings of all members of given components.</summary>
    public static async Task ReadComponentsAsync(
        NpgsqlConnection connection, long headId, long modelId, int dimension, IReadOnlyCollection<long> componentIds,
        EmbeddingVisitor visitor,
        CancellationToken cancellationToken)
    {
        var statement = connection.Sql(
            """
            select m.content_id, m.component_id, halfvec_send(e.embedding)
            from cpf.group_members m
            join cpf.embeddings    e on e.head_id = $1 and e.content_id = m.content_id
            where m.model_id = $2 and m.component_id = any($3)
            """, [headId, modelId, componentIds.ToArray()]);
        await ReadAsync(statement.WithoutTimeout(), dimension, visitor, cancellationToken);
    }

    /// <summary>Streams the embeddings of all members of a model by binary COPY: 100,000 x 256 in well under a second.</summary>
    public static Task StreamMembersAsync(
        NpgsqlConnection connection, long headId, long modelId, int dimension, EmbeddingVisitor visitor,
        CancellationToken cancellationToken) =>
        CopyAsync(connection, string.Create(CultureInfo.InvariantCulture, $"""
            copy (select m.content_id, m.component_id, e.embedding
                  from cpf.group_members m
                  join cpf.embeddings    e on e.head_id = {headId} and e.content_id = m.content_id
                  where m.model_id = {modelId}) to stdout (format binary)
            """), dimension, visitor, cancellationToken);

    /// <summary>Streams all embeddings of a head by binary COPY. The component id passed to the visitor is 0.</summary>
    public static Task StreamHeadAsync(
        NpgsqlConnection connection, long headId, int dimension, EmbeddingVisitor visitor, CancellationToken cancellationToken) =>
        CopyAsync(connection, string.Create(CultureInfo.InvariantCulture, $"""
            copy (select content_id, 0::bigint, embedding from cpf.embeddings where head_id = {headId}) to stdout (format binary)
            """), dimension, visitor, cancellationToken);

    /// <summary>
    /// Streams the embeddings of a head's contents between two ids, both included, by binary COPY. The component id passed to the visitor
    /// is 0.
    /// </summary>
    public static Task StreamBetweenAsync(
        NpgsqlConnection connection, long headId, long first, long last, int dimension, EmbeddingVisitor visitor,
        CancellationToken cancellationToken) =>
        CopyAsync(connection, string.Create(CultureInfo.InvariantCulture, $"""
            copy (select content_id, 0::bigint, embedding from cpf.embeddings
                  where head_id = {headId} and content_id between {first} and {last}) to stdout (format binary)
            """), dimension, visitor, cancellationToken);

    /// <summary>The most similar embeddings of several contents, as far as the head's approximate index finds them.</summary>
    /// <param name="connection">Connection with a running transaction: the search settings are local to it.</param>
    /// <param name="headId">The head.</param>
    /// <param name="dimension">Its dimension.</param>
    /// <param name="contentIds">The contents to search for. Each also finds itself.</param>
    /// <param name="count">Rows per content.</param>
    /// <param name="candidates">HNSW's ef_search, 1 to 1,000.</param>
    /// <param name="visitor">Receives (content searched for, content found, its embedding).</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task SearchIndexAsync(
        NpgsqlConnection connection, long headId, int dimension, IReadOnlyCollection<long> contentIds, int count, int candidates,
        NeighbourVisitor visitor, CancellationToken cancellationToken)
    {
        // The planner recognises the index by the literal cast, and it prunes to the head's partition only when the head is a constant. All
        // values are numbers.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"""
            set local hnsw.ef_search = {Math.Clamp(candidates, 1, 1000)};
            set local enable_seqscan = off;
            select q.content_id, n.content_id, n.embedding
            from cpf.embeddings q
            cross join lateral (
                select e.content_id, halfvec_send(e.embedding) as embedding
                from cpf.embeddings e
                where e.head_id = {headId}
                order by (e.embedding::halfvec({dimension})) <#> (q.embedding::halfvec({dimension}))
                limit {count}) n
            where q.head_id = {headId} and q.content_id = any(@ids)
            """), connection)
        {
            CommandTimeout = 0,
        };
#pragma warning restore CA2100
        command.Parameters.AddWithValue("ids", contentIds.ToArray());
        var values = new Half[dimension];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            HalfvecBinary.Read(reader.GetFieldValue<byte[]>(2), values);
            visitor(reader.GetInt64(0), reader.GetInt64(1), values);
        }
    }

    // COPY takes no parameters. Only numbers are written into the text.
    private static async Task CopyAsync(
        NpgsqlConnection connection, string sql, int dimension, EmbeddingVisitor visitor, CancellationToken cancellationToken)
    {
        await using var rows = await HalfvecCopyReader.OpenAsync(connection, sql, ids: 2, dimension, cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            visitor(rows.Id(0), rows.Id(1), rows.Values);
        }
    }

    private static Task ReadAsync(SqlStatement statement, int dimension, EmbeddingVisitor visitor, CancellationToken cancellationToken)
    {
        var values = new Half[dimension];
        return statement.ForEachAsync(
            row =>
            {
                HalfvecBinary.Read(row.GetFieldValue<byte[]>(2), values);
                visitor(row.GetInt64(0), row.GetInt64(1), values);
            }, cancellationToken);
    }
}
