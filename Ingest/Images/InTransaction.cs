using Npgsql;

namespace CpfPipeline.Ingest.Images;

/// <summary>Work that must commit together with the images it belongs to. Runs again when the transaction is retried.</summary>
/// <param name="connection">Open connection with the running transaction.</param>
/// <param name="images">The results of the changes.</param>
/// <param name="unwanted">
/// SHA-256 of refused bytes without a row of <c>cpf.contents</c>. No other transaction can insert such a row before this one ends, so their
/// blobs can be deleted safely.
/// </param>
/// <param name="cancellationToken">Cancels.</param>
internal delegate Task InTransaction(
    NpgsqlConnection connection, IReadOnlyList<AppliedImage> images, IReadOnlyCollection<byte[]> unwanted,
    CancellationToken cancellationToken);
