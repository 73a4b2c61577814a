using CpfPipeline.Data.Schema;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Databases;

/// <summary>Waits until a database has this program's schema. It changes nothing, and needs no more rights than a service has.</summary>
internal static class SchemaWait
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Waits.</summary>
    /// <param name="service">Connection of the services' login.</param>
    /// <param name="patience">How long.</param>
    /// <param name="tell">Takes what it waits for, whenever that changes.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CommandException">It took too long, or the schema is a newer one.</exception>
    public static async Task RunAsync(
        string service, TimeSpan patience, Action<string> tell, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        for (var told = ""; ;)
        {
            var (version, reason) = await ReadAsync(service, cancellationToken);
            if (version == Migrator.NewestVersion)
            {
                tell($"schema: version {version}");
                return;
            }

            if (version > Migrator.NewestVersion)
            {
                throw CommandException.Infrastructure(
                    $"the database has schema version {version}, this program {Migrator.NewestVersion}: run the newer program");
            }

            if (time.GetElapsedTime(start) >= patience)
            {
                throw CommandException.Infrastructure($"the schema is not there: {reason}");
            }

            if (reason != told)
            {
                tell($"waiting: {told = reason}");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static async Task<(int Version, string Reason)> ReadAsync(string service, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(service) { Pooling = false, Timeout = 10 }.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            var version = await connection.Sql("select coalesce(max(version), 0) from cpf.schema_versions")
                .ScalarAsync<int>(cancellationToken);
            return (version, $"schema version {version} of {Migrator.NewestVersion}");
        }
        catch (NpgsqlException e)
        {
            // The server, the login or the schema is not there yet.
            return (0, e.Message.ReplaceLineEndings(" "));
        }
    }
}
