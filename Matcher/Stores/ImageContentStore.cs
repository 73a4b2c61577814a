using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Stores;

/// <summary>What images show. All within the caller's connection and transaction.</summary>
internal static class ImageContentStore
{
    /// <summary>The content an image shows now, and the image's state; null when there is no such image.</summary>
    public static async Task<(string State, long? ContentId)?> FindAsync(
        NpgsqlConnection connection, string source, string externalId, CancellationToken cancellationToken)
    {
        var found = await connection.Sql("select state, content_id from cpf.images where image_id = $1", [ImageId.From(source, externalId)])
            .QueryAsync<(string, long?)?>(row => (row.GetString(0), row.GetOrNull<long>(1)), cancellationToken);
        return found.SingleOrDefault();
    }
}
