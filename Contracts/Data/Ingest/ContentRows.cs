using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data;

/// <summary>The contents of a batch: inserted where new, locked against the Embedder's and an erasure's verdict, and judged.</summary>
internal static class ContentRows
{
    // Wire values of CpfPipeline.Contracts.RejectReasons, which is another contract.
    private const string IdCollision = "id_collision";
    private const string Erased = "erased";
    private const string Undecodable = "undecodable";

    private const string Insert = """
        insert into cpf.contents (content_id, sha256, format, width, height, byte_length)
        select content_id, sha256, format, width, height, byte_length
        from unnest($1, $2, $3, $4, $5, $6) as t(content_id, sha256, format, width, height, byte_length)
        order by content_id
        on conflict do nothing
        """;

    private const string Lock = """
        select content_id, sha256, state, reject_reason, reject_detail
        from cpf.contents
        where content_id = any($1)
        order by content_id
        for share
        """;

    /// <summary>The changes, with those rejected whose content is undecodable, erased or another one's namesake.</summary>
    public static async Task<IReadOnlyList<ImageChange>> JudgeAsync(
        NpgsqlConnection connection, IReadOnlyList<ImageChange> changes, CancellationToken cancellationToken)
    {
        var contents = changes.Where(c => c.Content is not null).Select(c => c.Content!).DistinctBy(c => c.ContentId).ToArray();
        if (contents.Length == 0)
        {
            return changes;
        }

        await InsertAsync(connection, contents, cancellationToken);
        var rows = await LockAsync(connection, contents, cancellationToken);
        return [.. changes.Select(change => change.Content is { } content ? Judge(change, content, rows[content.ContentId]) : change)];
    }

    private static ImageChange Judge(ImageChange change, ContentFacts content, Row row)
    {
        if (!row.Sha256.AsSpan().SequenceEqual(content.Sha256))
        {
            return Reject(change, IdCollision, "Another content with the same 63-bit id is stored already.");
        }

        return row.State switch
        {
            "stored" => change,
            "erased" => Reject(change, Erased, "The content was erased and may not come back."),
            _ => Reject(change, row.Reason ?? Undecodable, row.Detail),
        };
    }

    private static ImageChange Reject(ImageChange change, string reason, string? detail) =>
        change with { State = ImageState.Rejected, Content = null, RejectReason = reason, RejectDetail = detail };

    private static async Task InsertAsync(NpgsqlConnection connection, ContentFacts[] contents, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Insert, connection)
        {
            Parameters =
            {
                new() { Value = contents.Select(c => c.ContentId).ToArray() },
                new() { Value = contents.Select(c => c.Sha256).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
                new() { Value = contents.Select(c => c.Format).ToArray() },
                new() { Value = contents.Select(c => c.Width).ToArray() },
                new() { Value = contents.Select(c => c.Height).ToArray() },
                new() { Value = contents.Select(c => c.ByteLength).ToArray() },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<Dictionary<long, Row>> LockAsync(NpgsqlConnection connection, ContentFacts[] contents, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Lock, connection)
        {
            Parameters = { new() { Value = contents.Select(c => c.ContentId).ToArray() } },
        };
        var rows = new Dictionary<long, Row>(contents.Length);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(reader.GetInt64(0), new Row(
                reader.GetFieldValue<byte[]>(1),
                reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetString(4)));
        }

        return rows;
    }

    private sealed record Row(byte[] Sha256, string State, string? Reason, string? Detail);
}
