using Npgsql;

namespace CpfPipeline.Data.Embeddings;

/// <summary>The vector index of a head's embeddings.</summary>
public static class EmbeddingIndexStore
{
    /// <summary>Whether a head has its vector index.</summary>
    public static async Task<bool> ExistsAsync(NpgsqlConnection connection, long headId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select cpf.has_embedding_index($1)", connection)
        {
            Parameters = { new() { Value = headId } },
        };
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Builds the vector index of a head (writers of its embeddings wait meanwhile); false when it was there.</summary>
    public static async Task<bool> CreateAsync(NpgsqlConnection connection, long headId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select cpf.create_embedding_index($1)", connection)
        {
            CommandTimeout = 0,
            Parameters = { new() { Value = headId } },
        };
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
