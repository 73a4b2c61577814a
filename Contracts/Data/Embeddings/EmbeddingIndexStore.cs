using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Embeddings;

/// <summary>The vector index of a head's embeddings.</summary>
public static class EmbeddingIndexStore
{
    /// <summary>Whether a head has its vector index.</summary>
    public static Task<bool> ExistsAsync(NpgsqlConnection connection, long headId, CancellationToken cancellationToken) =>
        connection.Sql("select cpf.has_embedding_index($1)", [headId]).ScalarAsync<bool>(cancellationToken);

    /// <summary>Memory in MiB that the server needs to build the vector index of a head at its full speed.</summary>
    public static Task<int> ReadMegabytesAsync(NpgsqlConnection connection, long headId, CancellationToken cancellationToken) =>
        connection.Sql("select cpf.embedding_index_megabytes($1)", [headId]).WithoutTimeout().ScalarAsync<int>(cancellationToken);

    /// <summary>
    /// Builds the vector index of a head. Writers of its embeddings wait until it is built. Returns false when it exists already.
    /// </summary>
    /// <param name="connection">Connection.</param>
    /// <param name="headId">The head.</param>
    /// <param name="maxMegabytes">
    /// Memory of the server that the build may take, MiB. With less than it needs it takes many times as long.
    /// </param>
    /// <param name="cancellationToken">Cancels. Then nothing is changed.</param>
    public static Task<bool> CreateAsync(
        NpgsqlConnection connection, long headId, int maxMegabytes, CancellationToken cancellationToken) =>
        connection.Sql("select cpf.create_embedding_index($1, $2)", [headId, maxMegabytes])
            .WithoutTimeout().ScalarAsync<bool>(cancellationToken);
}
