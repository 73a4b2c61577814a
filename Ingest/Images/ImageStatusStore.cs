using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Ingest.Images;

/// <summary>Where an image stands under the active model.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class ImageStatusStore(NpgsqlDataSource dataSource)
{
    /// <summary>The image's row of <c>cpf.image_status</c>, or null when no such image was ever named.</summary>
    public Task<ImageStatus?> FindAsync(Guid imageId, CancellationToken cancellationToken) =>
        dataSource.Sql(
            """
            select image_id, source, external_id, state, status, reject_reason, reject_detail, product_key, key_scope, content_id, group_id,
                   reconciled, revision, submitted_at, updated_at, failed_revision, failed_reason, failed_detail, failed_at, update_waits
            from cpf.image_status
            where image_id = $1
            """, [imageId]).FirstOrDefaultAsync(row => new ImageStatus
        {
            ImageId = row.GetGuid(0),
            Source = row.GetString(1),
            ExternalId = row.GetString(2),
            State = row.GetString(3),
            Status = row.GetString(4),
            Reason = row.GetStringOrNull(5),
            Detail = row.GetStringOrNull(6),
            ProductKey = row.GetStringOrNull(7),
            KeyScope = row.GetString(8),
            ContentId = row.GetOrNull<long>(9),
            GroupId = row.GetOrNull<long>(10),
            Reconciled = row.GetBoolean(11),
            Revision = row.GetOrNull<long>(12),
            SubmittedAt = row.GetFieldValue<DateTimeOffset>(13),
            UpdatedAt = row.GetFieldValue<DateTimeOffset>(14),
            FailedRevision = row.GetOrNull<long>(15),
            FailedReason = row.GetStringOrNull(16),
            FailedDetail = row.GetStringOrNull(17),
            FailedAt = row.GetOrNull<DateTimeOffset>(18),
            UpdateWaits = row.GetBoolean(19),
        }, cancellationToken);
}
