using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Sql;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>The last step of an erasure: the bytes of a content whose rows are gone.</summary>
internal static class ErasedBytes
{
    // Another instance may be at it.
    private const string Take = "select sha256 from cpf.erasures where erasure_id = $1 and state = 'purged' for update skip locked";

    /// <summary>
    /// Deletes the bytes and completes the receipt, in one transaction that keeps others from making the bytes a content. They stay when
    /// an image has come to show them since, or when they are a model's file.
    /// </summary>
    /// <param name="connection">Connection without a transaction.</param>
    /// <param name="erasureId">The erasure.</param>
    /// <param name="deleteBlob">Deletes a blob.</param>
    /// <param name="cancellationToken">Cancels; the bytes may be gone.</param>
    /// <returns>Whether the erasure is finished. If not, another instance is at it.</returns>
    public static async Task<bool> FinishAsync(
        NpgsqlConnection connection, long erasureId, Func<byte[], CancellationToken, Task> deleteBlob, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await connection.Sql(Take, [erasureId]).ScalarAsync<byte[]?>(cancellationToken) is not { } sha256)
        {
            return await connection.Sql("select state = $2 from cpf.erasures where erasure_id = $1", [erasureId, ErasureState.Finished])
                .ScalarAsync<bool>(cancellationToken);
        }

        await UnclaimedBlobs.SweepAsync(connection, [sha256], deleteBlob, cancellationToken);
        await ErasureRows.FinishAsync(connection, erasureId, new Dictionary<string, long>(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
