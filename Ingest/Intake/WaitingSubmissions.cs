using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Submissions;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Intake;

/// <summary>
/// Submissions that were accepted and of which the image's own row says nothing, because it is live, rejected or retracted
/// (<c>cpf.submissions</c>). Their commands are in the broker, which is in no backup.
/// </summary>
internal static class WaitingSubmissions
{
    private const string Add = """
        insert into cpf.submissions (image_id, uri, product_key, key_scope, revision)
        select image_id, uri, product_key, key_scope, revision
        from unnest($1, $2, $3, $4, $5) as t(image_id, uri, product_key, key_scope, revision)
        """;

    private const string End = """
        delete from cpf.submissions s
        using unnest($1, $2, $3) as t(image_id, uri, revision)
        where s.image_id = t.image_id and s.revision = t.revision and s.uri = t.uri
        """;

    /// <summary>Notes them in the transaction that accepts them and sends their commands.</summary>
    public static async Task AddAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ImageEntry> entries, CancellationToken cancellationToken)
    {
        if (entries.Count > 0)
        {
            await connection.Sql(Add, [
                entries.Select(e => e.ImageId).ToArray(), entries.Select(e => e.Uri).ToArray(),
                new NpgsqlParameter
                {
                    Value = entries.Select(e => e.ProductKey).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                },
                entries.Select(e => e.KeyScope).ToArray(), entries.Select(e => e.Revision).ToArray(),
            ]).ExecuteAsync(cancellationToken);
        }
    }

    /// <summary>Forgets those that are taken, in the transaction that applies or parks them.</summary>
    public static Task EndAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ImageEntry> entries, CancellationToken cancellationToken) =>
        connection.Sql(End, [
            entries.Select(e => e.ImageId).ToArray(), entries.Select(e => e.Uri).ToArray(), entries.Select(e => e.Revision).ToArray(),
        ]).ExecuteAsync(cancellationToken);
}
