using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Nights.TrainingSets;

/// <summary>
/// One content of every match group of the active model, the one that gives the group its id: what it takes for one picture is neither a
/// copy that somebody made here nor another picture.
/// </summary>
internal static class DistinctPictureStore
{
    /// <returns>Those with a feature, by id; and how many contents are live.</returns>
    public static async Task<(List<DistinctPicture> Pictures, int Live)> ReadAsync(
        NpgsqlConnection connection, ServingModel model, CancellationToken cancellationToken)
    {
        var pictures = await connection.Sql(
            """
            select c.content_id, c.sha256
            from cpf.group_members m
            join cpf.contents      c using (content_id)
            where m.model_id = $1 and m.group_id = m.content_id and c.state = 'stored'
              and exists (select from cpf.features f where f.backbone_id = $2 and f.content_id = c.content_id)
            order by c.content_id
            """, [model.ModelId, model.BackboneId])
            .WithoutTimeout().QueryAsync(
                row => new DistinctPicture(row.GetInt64(0), row.GetFieldValue<byte[]>(1)), cancellationToken);
        var live = await connection.Sql(
            "select count(*)::int from cpf.group_members where model_id = $1", [model.ModelId])
            .WithoutTimeout().QueryAsync(row => row.GetInt32(0), cancellationToken);
        return (pictures, live[0]);
    }
}
