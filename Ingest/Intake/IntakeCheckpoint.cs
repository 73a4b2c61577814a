using Npgsql;

namespace CpfPipeline.Ingest.Intake;

/// <summary>Work that commits together with a batch.</summary>
internal delegate Task IntakeCheckpoint(
    NpgsqlConnection connection, IReadOnlyList<IntakeResult> results, CancellationToken cancellationToken);
