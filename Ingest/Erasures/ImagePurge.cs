using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Removes images and everything that names them, in the caller's transaction.</summary>
internal static class ImagePurge
{
    /// <summary>Removes images, and what feeds and waiting messages say about them.</summary>
    /// <param name="connection">Holds their contents' rows.</param>
    /// <param name="condition">Constant SQL with one parameter: which images.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Rows removed, by kind.</returns>
    public static async Task<Dictionary<string, long>> RemoveAsync(
        NpgsqlConnection connection, string condition, NpgsqlParameter parameter, CancellationToken cancellationToken) =>
        await ForgetAsync(connection, await DeleteImagesAsync(connection, condition, parameter, cancellationToken), cancellationToken);

    private static async Task<ErasedImage[]> DeleteImagesAsync(
        NpgsqlConnection connection, string condition, NpgsqlParameter parameter, CancellationToken cancellationToken)
    {
        var images = await connection.Sql($"delete from cpf.images where {condition} returning image_id, source, external_id", [parameter])
            .WithoutTimeout().QueryAsync(row => new ErasedImage(row.GetGuid(0), row.GetString(1), row.GetString(2)), cancellationToken);
        return [.. images];
    }

    private static async Task<Dictionary<string, long>> ForgetAsync(
        NpgsqlConnection connection, ErasedImage[] images, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            Timeout = 0,
            BatchCommands =
            {
                new("delete from cpf.fetches where image_id = any($1)") { Parameters = { new() { Value = images.Select(i => i.ImageId)
                    .ToArray() } } },
                new("delete from cpf.feed_images where image_id = any($1)") { Parameters = { new() { Value = images.Select(i => i.ImageId)
                    .ToArray() } } },
                new(
                    """
                    delete from cpf.feed_rejections r
                    using cpf.feeds f, unnest($1, $2) as t(source, external_id)
                    where f.source = t.source and r.feed_id = f.feed_id and r.external_id = t.external_id
                    """)
                {
                    Parameters =
                    {
                        new() { Value = images.Select(i => i.Source).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                        new() { Value = images.Select(i => i.ExternalId).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return new Dictionary<string, long>
        {
            ["images"] = images.Length,
            ["feed_rejections"] = (long)batch.BatchCommands[2].RecordsAffected,
            ["messages"] = await OutboxTraces.ForgetImagesAsync(
                connection, [.. images.Select(i => (i.Source, i.ExternalId))], cancellationToken),
        };
    }

    private sealed record ErasedImage(Guid ImageId, string Source, string ExternalId);
}
