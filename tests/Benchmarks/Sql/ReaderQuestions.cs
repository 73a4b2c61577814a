namespace CpfPipeline.Tests.Benchmarks.Sql;

/// <summary>What data teams ask: by every way in, and every view and function as a whole.</summary>
/// <param name="contents">Size of the catalogue.</param>
internal sealed class ReaderQuestions(int contents)
{
    // Among the first fifth, which has embeddings, and beyond the giant.
    private readonly int _n = (contents / 10) + 4;

    public string Source => $"shop-{_n % 50}";

    public string ExternalId => $"item-{_n}";

    public string OtherSource => $"shop-{(_n + 1) % 50}";

    public string OtherId => $"item-{_n + 1}";

    public IEnumerable<SqlQuestion> Lookups()
    {
        var one = $"s.source = '{Source}' and s.external_id = '{ExternalId}'";
        const string Status = "cpf.image_status s";
        var image = $"md5('{ExternalId}')::uuid";
        var content = $"(select content_id from cpf.image_status s where {one})";
        var group = $"(select group_id from cpf.image_status s where {one})";
        var key = $"(select product_key from cpf.image_status where source = 'shop-{(_n + 1) % 50}' and external_id = 'item-{_n + 1}')";
        (string Name, string Text)[] asked =
        [
            ("members by listing", $"select * from cpf.match_group_members s where {one}"),
            ("members by product key", $"select * from cpf.match_group_members where product_key = {key}"),
            ("members by image_id", $"select * from cpf.match_group_members where image_id = {image}"),
            ("members by content_id", $"select * from cpf.match_group_members where content_id = {content}"),
            ("members by group_id", $"select * from cpf.match_group_members where group_id = {group}"),
            ("members of a listing's group", $"select m.* from {Status} join cpf.match_group_members m using (group_id) where {one}"),
            ("members by a listing's image", $"select m.* from {Status} join cpf.match_group_members m using (image_id) where {one}"),
            ("members with their group",
                $"select s.*, g.* from cpf.match_group_members s join cpf.match_groups g using (group_id) where {one}"),
            ("group by group_id", $"select * from cpf.match_groups where group_id = {group}"),
            ("group of a listing", $"select g.* from {Status} join cpf.match_groups g using (group_id) where {one}"),
            ("cohesion by group_id", $"select * from cpf.group_cohesion where group_id = {group}"),
            ("status by listing", $"select * from cpf.image_status s where {one}"),
            ("status by image_id", $"select * from cpf.image_status where image_id = {image}"),
            ("status by product key", $"select * from cpf.image_status where product_key = {key}"),
            ("status by content_id", $"select * from cpf.image_status where content_id = {content}"),
            ("status by group_id", $"select * from cpf.image_status where group_id = {group}"),
            ("pairs of a listing", $"select * from cpf.match_pairs where source_a = '{Source}' and external_id_a = '{ExternalId}'"),
            ("pairs of a content", $"select * from cpf.match_pairs where content_b = {content}"),
            ("verdicts on a content", $"select * from cpf.match_verdicts where content_a = {content}"),
            ("placeholder by content_id", $"select * from cpf.placeholders where content_id = {content}"),
            ("changes of a content", $"select * from cpf.group_changes where content_id = {content}"),
            ("model changes of a content", $"select * from cpf.model_changes where content_id = {content}"),
            ("active_model", "select cpf.active_model()"),
            ("is_placeholder", $"select cpf.is_placeholder({content})"),
            ("product_key_count", $"select cpf.product_key_count({content})"),
            ("group_at", $"select cpf.group_at({image}, now())"),
            ("group_history", $"select * from cpf.group_history({image})"),
        ];
        return asked.Select(q => new SqlQuestion(q.Name, q.Text, Reach.One));
    }

    public IEnumerable<SqlQuestion> Pages()
    {
        var image = $"md5('{ExternalId}')::uuid";
        var changes = "(select max(seq) - 1000 from cpf.group_changes)";
        (string Name, string Text)[] asked =
        [
            ("a page of groups", "select * from cpf.match_groups where group_id > 4611686018427387904 order by group_id limit 100"),
            ("a page of members",
                "select * from cpf.match_group_members where group_id > 4611686018427387904 order by group_id limit 500"),
            ("the weakest groups", "select * from cpf.group_cohesion order by weakest_merge, group_id limit 100"),
            ("the giant's members",
                "select m.* from cpf.group_cohesion g join cpf.match_group_members m using (group_id) where g.contents > 6"),
            ("images changed since", """
                select * from cpf.image_status
                where (updated_at, image_id) > (now() - interval '40 days', '00000000-0000-0000-0000-000000000000')
                order by updated_at, image_id limit 1000
                """),
            ("pairs above the threshold", "select * from cpf.match_pairs where similarity >= threshold order by similarity limit 100"),
            ("pairs below the threshold", "select * from cpf.match_pairs where not matches order by similarity desc limit 100"),
            ("changes since a position", $"select * from cpf.group_changes where seq > {changes} order by seq limit 1000"),
            ("images of a seller", $"select * from cpf.image_status where source = '{Source}' order by source, external_id limit 1000"),
            ("why: two of a group", $"select * from cpf.why({image}, md5('{OtherId}')::uuid)"),
            ("why: two of the giant", "select * from cpf.why(md5('item-1')::uuid, md5('item-900')::uuid)"),
            ("similar_images, 20", $"select * from cpf.similar_images({image}, 20)"),
            ("is_placeholder of a logo", "select cpf.is_placeholder((select content_id from cpf.placeholders where not blank limit 1))"),
        ];
        return asked.Select(q => new SqlQuestion(q.Name, q.Text, Reach.Page));
    }

    public static IEnumerable<SqlQuestion> Whole(IEnumerable<string> views) =>
    [
        .. views.Order(StringComparer.Ordinal).Select(v => new SqlQuestion($"all of {v}", $"select * from cpf.{v}", Reach.Everything)),
        new("what_if(0.95)", "select * from cpf.what_if(0.95)", Reach.Everything),
        new("what_if_members(0.95)", "select * from cpf.what_if_members(0.95)", Reach.Everything),
    ];
}
