using Npgsql;

namespace CpfPipeline.Data;

/// <summary>Work that must commit together with the images it belongs to. Runs again when the transaction is retried.</summary>
/// <param name="connection">Open connection with the running transaction.</param>
/// <param name="images">What became of the changes.</param>
/// <param name="cancellationToken">Cancels.</param>
public delegate Task InTransaction(NpgsqlConnection connection, IReadOnlyList<AppliedImage> images, CancellationToken cancellationToken);
