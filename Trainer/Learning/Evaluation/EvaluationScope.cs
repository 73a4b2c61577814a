using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Learning.Evaluation;

/// <summary>The rows of an <see cref="EvaluationSet"/> whose product keys have one scope: any two of them are known to be of one class or of two.</summary>
public sealed class EvaluationScope
{
    private readonly int[]? _memberRows;
    private readonly int[]? _galleryRows;

    private EvaluationScope(int id, EmbeddingMatrix members, EmbeddingMatrix gallery, int[]? memberRows, int[]? galleryRows) =>
        (Id, Members, Gallery, _memberRows, _galleryRows) = (id, members, gallery, memberRows, galleryRows);

    public int Id { get; }

    public EmbeddingMatrix Members { get; }

    public EmbeddingMatrix Gallery { get; }

    /// <summary>Everything, in place.</summary>
    public static EvaluationScope Whole(EmbeddingMatrix members, EmbeddingMatrix gallery) => new(0, members, gallery, null, null);

    /// <summary>Copies the rows of each scope that has members.</summary>
    public static IReadOnlyList<EvaluationScope> Divide(EmbeddingMatrix members, EmbeddingMatrix gallery, int[] memberScopes, int[] galleryScopes)
    {
        var galleryRows = RowsOf(galleryScopes);
        return
        [
            .. RowsOf(memberScopes).OrderBy(s => s.Key).Select(s =>
            {
                var others = galleryRows.GetValueOrDefault(s.Key, []);
                return new EvaluationScope(s.Key, EvaluationSet.Subset(members, s.Value), EvaluationSet.Subset(gallery, others), s.Value, others);
            }),
        ];
    }

    /// <summary>Row of the set's members.</summary>
    public int MemberRow(int row) => _memberRows is null ? row : _memberRows[row];

    /// <summary>Row of the set's gallery.</summary>
    public int GalleryRow(int row) => _galleryRows is null ? row : _galleryRows[row];

    private static Dictionary<int, int[]> RowsOf(int[] scopes) =>
        Enumerable.Range(0, scopes.Length).GroupBy(i => scopes[i]).ToDictionary(g => g.Key, g => g.ToArray());
}
