using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Access;

/// <summary>Adds rows to <c>cpf.audit</c>. Nothing of ours changes or removes one.</summary>
public static class AuditStore
{
    private const int MaxLength = 8_000;
    private const string Cut = "...";

    /// <summary>Adds a row in the caller's transaction: it stands when the act does.</summary>
    public static Task AppendAsync(NpgsqlConnection connection, AuditEntry entry, CancellationToken cancellationToken) => connection.Sql(
        """
        insert into cpf.audit_entries (who, subject, address, act, target, outcome, detail) values ($1, $2, $3, $4, $5, $6, $7)
        """,
        [
            Fit(entry.Actor.Name), Fit(entry.Actor.Subject), Text(entry.Actor.Address), entry.Act, Text(entry.Target), entry.Outcome,
            Text(entry.Detail),
        ]).ExecuteAsync(cancellationToken);

    /// <summary>
    /// Adds a row for somebody's word in the caller's transaction; none when nobody asked. It tells whose word it is where the asker speaks
    /// for another.
    /// </summary>
    public static Task AppendAsync(
        NpgsqlConnection connection, Speaker speaker, string act, string? target, string outcome, CancellationToken cancellationToken) =>
        speaker.Actor is not { } actor ? Task.CompletedTask
        : AppendAsync(
            connection,
            new AuditEntry(actor, act, target, outcome, speaker.Who == actor.Name ? null : $"for {speaker.Who}"), cancellationToken);

    /// <summary>Adds a row by itself, for what has no transaction: a try that was refused.</summary>
    public static async Task AppendAsync(NpgsqlDataSource dataSource, AuditEntry entry, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await AppendAsync(connection, entry, cancellationToken);
    }

    private static NpgsqlParameter Text(string? text) =>
        new() { Value = text is null ? DBNull.Value : Fit(text), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };

    // PostgreSQL stores no zero character, and a row must not fail because somebody sent a long or odd name.
    private static string Fit(string text)
    {
        var end = MaxLength - Cut.Length;
        end = text.Length > MaxLength && char.IsHighSurrogate(text[end - 1]) ? end - 1 : end;
        return (text.Length > MaxLength ? text[..end] + Cut : text).Replace("\0", "", StringComparison.Ordinal);
    }
}
