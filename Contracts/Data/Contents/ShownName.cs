using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Contents;

/// <summary>
/// The name under which people are shown a picture: the first listing that shows it, or the start of its hash when none does.
/// </summary>
public static class ShownName
{
    /// <summary>SQL of the name. Its aliases hide none of the caller's: a caller may call its tables anything else.</summary>
    /// <param name="contentId">SQL of the content's id.</param>
    public static string Of(string contentId) =>
        $"""
        coalesce(
            (select naming_image.source || '/' || naming_image.external_id from cpf.images naming_image
             where naming_image.content_id = {contentId} and naming_image.state = 'stored'
             order by naming_image.source, naming_image.external_id limit 1),
            (select 'picture ' || left(encode(named_content.sha256, 'hex'), 12) from cpf.contents named_content
             where named_content.content_id = {contentId}),
            'an erased picture')
        """;

    /// <summary>The names of given contents. Each has one.</summary>
    public static async Task<IReadOnlyDictionary<long, string>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(
            $"select t.content_id, {Of("t.content_id")} from unnest($1::bigint[]) as t(content_id)", [contentIds.Distinct().ToArray()])
            .QueryAsync(row => (Id: row.GetInt64(0), Name: row.GetString(1)), cancellationToken);
        return rows.ToDictionary(r => r.Id, r => r.Name);
    }
}
