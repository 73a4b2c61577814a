using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Embeddings;

/// <summary>The vector index of a head's embeddings.</summary>
public static class EmbeddingIndexStore
{
    /// <summary>Whether a head has its vector index.</summary>
    public static Task<bool> ExistsAsync(NpgsqlConnection connection, long headId, CancellationToken cancellationToken) =>
        connection.Sql("select cpf.has_embedding_index($1)", [headId]).ScalarAsync<bool>(cancellationToken);

    /// <summary>
    /// Builds the vector index of a head. Writers of its embeddings wait until it is built. Returns false when it exists already.
    /// </summary>
    public static Task<bool> CreateAsync(NpgsqlConnection connection, long headId, CancellationToken cancellationToken) =>
        connection.Sql("select cpf.create_embedding_index($1)", [headId]).WithoutTimeout().ScalarAsync<bool>(cancellationToken);
}
