using CpfPipeline.Data.Ids;
using CpfPipeline.Tests.Benchmarks.Pictures;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Tests.Benchmarks.Servers;

/// <summary>Rows that other services would have written before the measured part begins.</summary>
internal static class Seed
{
    /// <summary>Contents, each with one live image, by binary COPY.</summary>
    public static Task ContentsAsync(
        NpgsqlDataSource dataSource, IReadOnlyList<Content> contents, CancellationToken cancellationToken) =>
        ContentsAsync(dataSource, contents, productKey: null, cancellationToken);

    /// <summary>Contents, each with one live image, by binary COPY.</summary>
    /// <param name="dataSource">The database.</param>
    /// <param name="contents">The contents.</param>
    /// <param name="productKey">The global key by the place of the content; null: no image has one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task ContentsAsync(
        NpgsqlDataSource dataSource, IReadOnlyList<Content> contents, Func<int, string>? productKey, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using (var writer = await connection.BeginBinaryImportAsync(
            "copy cpf.contents (content_id, sha256, format, width, height, byte_length) from stdin (format binary)", cancellationToken))
        {
            writer.Timeout = TimeSpan.Zero;
            foreach (var content in contents)
            {
                await writer.StartRowAsync(cancellationToken);
                await writer.WriteAsync(content.ContentId, NpgsqlDbType.Bigint, cancellationToken);
                await writer.WriteAsync(content.Sha256, NpgsqlDbType.Bytea, cancellationToken);
                await writer.WriteAsync(content.Format, NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync(content.Width, NpgsqlDbType.Integer, cancellationToken);
                await writer.WriteAsync(content.Height, NpgsqlDbType.Integer, cancellationToken);
                await writer.WriteAsync((long)content.ByteLength, NpgsqlDbType.Bigint, cancellationToken);
            }

            await writer.CompleteAsync(cancellationToken);
        }

        await using (var writer = await connection.BeginBinaryImportAsync(
            """
            copy cpf.images (image_id, source, external_id, uri, content_id, state, revision, key_scope, product_key)
            from stdin (format binary)
            """, cancellationToken))
        {
            writer.Timeout = TimeSpan.Zero;
            for (var i = 0; i < contents.Count; i++)
            {
                var content = contents[i];
                var externalId = Convert.ToHexStringLower(content.Sha256);
                await writer.StartRowAsync(cancellationToken);
                await writer.WriteAsync(ImageId.From("bench", externalId), NpgsqlDbType.Uuid, cancellationToken);
                await writer.WriteAsync("bench", NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync(externalId, NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync("file:///bench", NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync(content.ContentId, NpgsqlDbType.Bigint, cancellationToken);
                await writer.WriteAsync("stored", NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync(1L, NpgsqlDbType.Bigint, cancellationToken);
                await writer.WriteAsync(productKey is null ? "source" : "global", NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync(productKey?.Invoke(i), NpgsqlDbType.Text, cancellationToken);
            }

            await writer.CompleteAsync(cancellationToken);
        }

        await using var analyze = new NpgsqlCommand("analyze cpf.contents; analyze cpf.images", connection);
        await analyze.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Features of contents to come, by binary COPY.</summary>
    public static async Task FeaturesAsync(
        NpgsqlDataSource dataSource, long backboneId, IReadOnlyList<Picture> pictures, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var writer = await connection.BeginBinaryImportAsync(
            "copy cpf.features (backbone_id, content_id, feature) from stdin (format binary)", cancellationToken);
        writer.Timeout = TimeSpan.Zero;
        foreach (var picture in pictures)
        {
            await writer.StartRowAsync(cancellationToken);
            await writer.WriteAsync(backboneId, NpgsqlDbType.Bigint, cancellationToken);
            await writer.WriteAsync(picture.ContentId, NpgsqlDbType.Bigint, cancellationToken);
            await writer.WriteAsync(new Pgvector.HalfVector(picture.Feature), cancellationToken);
        }

        await writer.CompleteAsync(cancellationToken);
    }
}
