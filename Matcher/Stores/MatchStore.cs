using CpfPipeline.Data.Locks;
using Npgsql;

namespace CpfPipeline.Matcher.Stores;

/// <summary>Writes the pairs kept for explanation.</summary>
internal static class MatchStore
{
    private const string Insert = """
        insert into cpf.matches (head_id, content_a, content_b, similarity)
        select $1, t.content_a, t.content_b, t.similarity
        from unnest($2::bigint[], $3::bigint[], $4::double precision[]) as t(content_a, content_b, similarity)
        join cpf.contents a on a.content_id = t.content_a and a.state <> 'erased'
        join cpf.contents b on b.content_id = t.content_b and b.state <> 'erased'
        order by t.content_a, t.content_b
        on conflict (head_id, content_a, content_b) do nothing
        """;

    /// <summary>
    /// Adds pairs; those already there stay as they are (similarities never change). Pairs of contents that were erased since they were
    /// compared are left out.
    /// </summary>
    /// <param name="connection">Connection.</param>
    /// <param name="headId">The head compared under.</param>
    /// <param name="pairs">Pairs, each at most once.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task AddAsync(
        NpgsqlConnection connection, long headId, IReadOnlyCollection<MatchRow> pairs, CancellationToken cancellationToken)
    {
        // Chunks bound memory; one order for all writers, so that two of them never wait for each other in a circle.
        foreach (var chunk in pairs.OrderBy(p => p.ContentA).ThenBy(p => p.ContentB).Chunk(50_000))
        {
            // One implicit transaction, or the caller's. The insert's snapshot is taken under the lock.
            await using var batch = new NpgsqlBatch(connection)
            {
                Timeout = 0,
                BatchCommands =
                {
                    new(TransactionLocks.ShareMatches),
                    new(Insert)
                    {
                        Parameters =
                        {
                            new() { Value = headId },
                            new() { Value = chunk.Select(p => p.ContentA).ToArray() },
                            new() { Value = chunk.Select(p => p.ContentB).ToArray() },
                            new() { Value = chunk.Select(p => p.Similarity).ToArray() },
                        },
                    },
                },
            };
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
