using Npgsql;

namespace CpfPipeline.Data;

/// <summary>Writes the pairs kept for explanation.</summary>
public static class MatchStore
{
    /// <summary>Adds pairs; those already there stay as they are (similarities never change).</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="headId">The head compared under.</param>
    /// <param name="pairs">Pairs, each at most once.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task AddAsync(NpgsqlConnection connection, long headId, IReadOnlyCollection<MatchRow> pairs, CancellationToken cancellationToken)
    {
        // Chunks bound memory; one order for all writers, so that two of them never wait for each other in a circle.
        foreach (var chunk in pairs.OrderBy(p => p.ContentA).ThenBy(p => p.ContentB).Chunk(50_000))
        {
            await using var command = new NpgsqlCommand(
                """
                insert into cpf.matches (head_id, content_a, content_b, similarity)
                select $1, t.content_a, t.content_b, t.similarity
                from unnest($2::bigint[], $3::bigint[], $4::double precision[]) as t(content_a, content_b, similarity)
                on conflict (head_id, content_a, content_b) do nothing
                """, connection)
            {
                CommandTimeout = 0,
                Parameters =
                {
                    new() { Value = headId },
                    new() { Value = chunk.Select(p => p.ContentA).ToArray() },
                    new() { Value = chunk.Select(p => p.ContentB).ToArray() },
                    new() { Value = chunk.Select(p => p.Similarity).ToArray() },
                },
            };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
