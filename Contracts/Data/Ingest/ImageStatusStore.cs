using Npgsql;

namespace CpfPipeline.Data;

/// <summary>Where an image stands under the active model.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class ImageStatusStore(NpgsqlDataSource dataSource)
{
    /// <summary>The image's row of <c>cpf.image_status</c>, or null when nobody ever named it.</summary>
    public async Task<ImageStatus?> FindAsync(Guid imageId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select image_id, source, external_id, state, status, reject_reason, reject_detail, product_key, key_scope, content_id, group_id,
                   reconciled, revision, submitted_at, updated_at, failed_revision, failed_reason, failed_detail, failed_at, update_waits
            from cpf.image_status
            where image_id = $1
            """);
        command.Parameters.Add(new() { Value = imageId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return !await reader.ReadAsync(cancellationToken) ? null : new ImageStatus
        {
            ImageId = reader.GetGuid(0),
            Source = reader.GetString(1),
            ExternalId = reader.GetString(2),
            State = reader.GetString(3),
            Status = reader.GetString(4),
            Reason = reader.IsDBNull(5) ? null : reader.GetString(5),
            Detail = reader.IsDBNull(6) ? null : reader.GetString(6),
            ProductKey = reader.IsDBNull(7) ? null : reader.GetString(7),
            KeyScope = reader.GetString(8),
            ContentId = reader.IsDBNull(9) ? null : reader.GetInt64(9),
            GroupId = reader.IsDBNull(10) ? null : reader.GetInt64(10),
            Reconciled = reader.GetBoolean(11),
            Revision = reader.IsDBNull(12) ? null : reader.GetInt64(12),
            SubmittedAt = reader.GetFieldValue<DateTimeOffset>(13),
            UpdatedAt = reader.GetFieldValue<DateTimeOffset>(14),
            FailedRevision = reader.IsDBNull(15) ? null : reader.GetInt64(15),
            FailedReason = reader.IsDBNull(16) ? null : reader.GetString(16),
            FailedDetail = reader.IsDBNull(17) ? null : reader.GetString(17),
            FailedAt = reader.IsDBNull(18) ? null : reader.GetFieldValue<DateTimeOffset>(18),
            UpdateWaits = reader.GetBoolean(19),
        };
    }
}
