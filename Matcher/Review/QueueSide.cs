using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>
/// The kept pairs on one side of the threshold, the nearest first, read a piece at a time along the index on similarity. Pairs with a
/// verdict of their own, pairs with a picture that is not live, and pairs that the reviewer called unsure are left out.
/// </summary>
internal sealed class QueueSide(NpgsqlConnection connection, ServingModel model, string who, bool above)
{
    private const int PiecePairs = 128;

    // "offset 0" keeps each condition a lookup of its own. A join of it could make the planner sort all pairs of the head first.
    private const string Text = """
        select m.content_a, m.content_b, m.similarity
        from cpf.matches m
        where m.head_id = $1 and m.similarity {0} $2 and (m.similarity <> $2 or (m.content_a, m.content_b) > ($3, $4))
          and not exists (
            select from cpf.verdicts v where v.content_a = m.content_a and v.content_b = m.content_b offset 0)
          and not exists (
            select from cpf.review_answers r
            where r.content_a = m.content_a and r.content_b = m.content_b and r.who = $5 and r.word = 'unsure' and r.undone_at is null
            offset 0)
          and exists (select from cpf.group_members g where g.model_id = $6 and g.content_id = m.content_a offset 0)
          and exists (select from cpf.group_members g where g.model_id = $6 and g.content_id = m.content_b offset 0)
        order by m.similarity {1}, m.content_a, m.content_b
        limit $7
        """;

    private static readonly string Above = Text.Replace("{0}", ">=", StringComparison.Ordinal).Replace("{1}", "", StringComparison.Ordinal);

    private static readonly string Below = Text.Replace("{0}", "<=", StringComparison.Ordinal)
        .Replace("{1}", "desc", StringComparison.Ordinal);

    /// <summary>The statement that reads a piece above or below the threshold.</summary>
    public static string TextOf(bool above) => above ? Above : Below;

    private readonly Queue<ReviewPair> _piece = new();

    // A pair exactly at the threshold is above it.
    private (double Similarity, long A, long B) _after = (model.Threshold, above ? -1 : long.MaxValue, above ? -1 : long.MaxValue);
    private bool _ended;

    /// <summary>The next pair, or null at the end.</summary>
    public async Task<ReviewPair?> PeekAsync(CancellationToken cancellationToken)
    {
        if (_piece.Count == 0 && !_ended)
        {
            await ReadAsync(cancellationToken);
        }

        return _piece.TryPeek(out var pair) ? pair : null;
    }

    /// <summary>Goes on behind it.</summary>
    public void Take() => _piece.Dequeue();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var read = await connection.Sql(
            TextOf(above), [model.HeadId, _after.Similarity, _after.A, _after.B, who, model.ModelId, PiecePairs])
            .QueryAsync(row => new ReviewPair(row.GetInt64(0), row.GetInt64(1), row.GetDouble(2)), cancellationToken);
        _ended = read.Count < PiecePairs;
        foreach (var pair in read)
        {
            _piece.Enqueue(pair);
            _after = (pair.Similarity, pair.ContentA, pair.ContentB);
        }
    }
}
