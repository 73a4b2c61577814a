using Npgsql;

namespace CpfPipeline.Data.Schema;

/// <summary>The database is being restored, or a restore of it was interrupted. Waiting helps, as with a server that is away.</summary>
/// <param name="backup">Which backup is being restored.</param>
public sealed class UnfinishedRestoreException(string backup) : NpgsqlException(
    $"the restore of backup {backup} into this database is not finished: nothing works with it until then. If it does not run any more, "
        + "run infra/cpf restore again");
