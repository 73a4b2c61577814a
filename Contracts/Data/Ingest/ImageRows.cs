using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data;

/// <summary>The images of a batch: locked, then written by one conditional upsert.</summary>
internal static class ImageRows
{
    private const string Lock = """
        select image_id, state, content_id, product_key, key_scope, uri, reject_reason, revision
        from cpf.images
        where image_id = any($1)
        order by image_id
        for update
        """;

    // The where clause is RevisionRule.Compare(excluded, i) > 0. A retraction carries the least payload, and keeps the row's.
    private const string Upsert = """
        insert into cpf.images as i
               (image_id, source, external_id, uri, product_key, key_scope, content_id, state, reject_reason, reject_detail, revision)
        select image_id, source, external_id, uri, product_key, key_scope, content_id, state, reject_reason, reject_detail, revision
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             as t(image_id, source, external_id, uri, product_key, key_scope, content_id, state, reject_reason, reject_detail, revision)
        order by image_id
        on conflict (image_id) do update set
            uri           = case when excluded.state = 'retracted' then i.uri         else excluded.uri         end,
            product_key   = case when excluded.state = 'retracted' then i.product_key else excluded.product_key end,
            key_scope     = case when excluded.state = 'retracted' then i.key_scope   else excluded.key_scope   end,
            content_id    = case when excluded.state = 'retracted' then i.content_id  else excluded.content_id  end,
            state         = excluded.state,
            reject_reason = excluded.reject_reason,
            reject_detail = excluded.reject_detail,
            revision      = excluded.revision,
            updated_at    = now()
        where (excluded.state <> 'received', excluded.revision,
               array_position(array['received', 'rejected', 'stored', 'retracted'], excluded.state),
               coalesce(excluded.content_id, -1), coalesce(excluded.reject_reason, '') collate "C",
               coalesce(excluded.product_key, '') collate "C", excluded.key_scope collate "C", excluded.uri collate "C")
            > (i.state <> 'received', i.revision,
               array_position(array['received', 'rejected', 'stored', 'retracted'], i.state),
               coalesce(i.content_id, -1), coalesce(i.reject_reason, '') collate "C",
               coalesce(i.product_key, '') collate "C", i.key_scope collate "C", i.uri collate "C")
        returning i.image_id, i.xmax = 0 as inserted
        """;

    /// <summary>Locks the rows there are, by ascending id.</summary>
    public static async Task<Dictionary<Guid, ImageRow>> LockAsync(
        NpgsqlConnection connection, IReadOnlyList<ImageChange> changes, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Lock, connection)
        {
            Parameters = { new() { Value = changes.Select(c => c.ImageId).ToArray() } },
        };
        var rows = new Dictionary<Guid, ImageRow>(changes.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(reader.GetGuid(0), new ImageRow(
                Enum.Parse<ImageState>(reader.GetString(1), ignoreCase: true),
                reader.IsDBNull(2) ? null : reader.GetInt64(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetString(4),
                reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetString(6),
                reader.GetInt64(7)));
        }

        return rows;
    }

    /// <summary>Writes the changes that win.</summary>
    /// <returns>The images written; true for those that had no row.</returns>
    public static async Task<Dictionary<Guid, bool>> UpsertAsync(
        NpgsqlConnection connection, IReadOnlyList<ImageChange> changes, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Upsert, connection)
        {
            Parameters =
            {
                new() { Value = changes.Select(c => c.ImageId).ToArray() },
                Texts(changes.Select(c => c.Source)),
                Texts(changes.Select(c => c.ExternalId)),
                Texts(changes.Select(c => c.Uri)),
                Texts(changes.Select(c => c.ProductKey)),
                Texts(changes.Select(c => c.KeyScope)),
                new()
                {
                    Value = changes.Select(c => c.Content?.ContentId).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
                },
                Texts(changes.Select(c => Name(c.State))),
                Texts(changes.Select(c => c.RejectReason)),
                Texts(changes.Select(c => c.RejectDetail)),
                new() { Value = changes.Select(c => c.Revision).ToArray() },
            },
        };
        var written = new Dictionary<Guid, bool>(changes.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            written.Add(reader.GetGuid(0), reader.GetBoolean(1));
        }

        return written;
    }

    private static NpgsqlParameter Texts(IEnumerable<string?> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static string Name(ImageState state) => state switch
    {
        ImageState.Received => "received",
        ImageState.Rejected => "rejected",
        ImageState.Stored => "stored",
        _ => "retracted",
    };
}
