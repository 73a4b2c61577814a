using System.Globalization;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Find;

/// <summary>Finds a picture by a listing, a product key, a hash or an id.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class FindStore(NpgsqlDataSource dataSource)
{
    private const int Sha256HexLength = 64;

    /// <summary>What some words name; null when nothing.</summary>
    public async Task<Found?> FindAsync(long modelId, string words, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (words.Length == Sha256HexLength && words.All(char.IsAsciiHexDigit)
            && await ContentAsync(ContentId.FromSha256(Convert.FromHexString(words))) is { } byHash)
        {
            return byHash;
        }

        // Sources and ids may hold slashes: every place of one is tried.
        for (var slash = words.IndexOf('/'); slash > 0; slash = words.IndexOf('/', slash + 1))
        {
            if (slash + 1 < words.Length && await ListingAsync(words[..slash], words[(slash + 1)..]) is { } listing)
            {
                return listing;
            }
        }

        if (await connection.Sql("select exists (select from cpf.images where product_key = $1 and state = 'stored')", [words])
            .ScalarAsync<bool>(cancellationToken))
        {
            return new Found.ByKey(words);
        }

        return long.TryParse(words, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? await ContentAsync(id) : null;

        async Task<Found?> ContentAsync(long contentId)
        {
            var found = await connection.Sql(
                """
                select g.group_id, c.state from cpf.contents c
                left join cpf.group_members g on g.model_id = $1 and g.content_id = c.content_id
                where c.content_id = $2
                """, [modelId, contentId]).QueryAsync(row => (Group: row.GetOrNull<long>(0), State: row.GetString(1)), cancellationToken);
            return found is not [var (group, state)] || (group is null && state == "erased") ? null
                : group is { } groupId ? new Found.InGroup(groupId, contentId)
                : new Found.NotGrouped("The picture", state);
        }

        async Task<Found?> ListingAsync(string source, string externalId)
        {
            var found = await connection.Sql(
                "select status, content_id, group_id from cpf.image_status where image_id = $1", [ImageId.From(source, externalId)])
                .QueryAsync(
                    row => (Status: row.GetString(0), Content: row.GetOrNull<long>(1), Group: row.GetOrNull<long>(2)), cancellationToken);
            return found is not [var (status, content, group)] ? null
                : group is { } groupId ? new Found.InGroup(groupId, content!.Value)
                : new Found.NotGrouped($"{source}/{externalId}", status);
        }
    }
}
