using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Learning.Evaluation;

/// <summary>
/// Rows that stand for all rows when the similarities of pairs of two classes are to be counted over their whole range: all of them in a set of up to
/// 20,000 rows, else 2,000 chosen by a seed. Every member is compared with every one of them.
/// </summary>
public sealed class NegativeSample
{
    public const int ExactRows = 20_000;
    public const int SampleRows = 2_000;

    private readonly List<Block> _blocks = [];

    private NegativeSample(EvaluationSet set) => Set = set;

    public EvaluationSet Set { get; }

    /// <summary>Rows chosen divided by all rows; 1 when nothing is left out.</summary>
    public double Rate { get; private init; }

    public bool IsExact => Rate == 1;

    /// <summary>Chosen rows.</summary>
    public int Rows => _blocks.Sum(b => b.Rows.Count);

    public static NegativeSample Of(EvaluationSet set, int seed, int exactRows = ExactRows, int sampleRows = SampleRows)
    {
        var (members, all) = (set.Members.Count, set.Members.Count + set.Gallery.Count);
        if (all <= exactRows)
        {
            var exact = new NegativeSample(set) { Rate = 1 };
            exact._blocks.Add(new Block(set.Members, set.Classes, IsGallery: false, set.MemberScopes));
            exact._blocks.Add(new Block(set.Gallery, [], IsGallery: true, set.GalleryScopes));
            return exact;
        }

        // By content id, so that the choice does not depend on the order of rows.
        var rows = Enumerable.Range(0, all).OrderBy(i => i < members ? set.Members.ContentId(i) : set.Gallery.ContentId(i - members)).ToArray();
        new Random(seed).Shuffle(rows);
        var chosen = rows.Take(sampleRows).Order().ToList();
        var inMembers = chosen.Where(i => i < members).ToList();
        var sample = new NegativeSample(set) { Rate = (double)sampleRows / all };
        sample._blocks.Add(new Block(EvaluationSet.Subset(set.Members, inMembers), [.. inMembers.Select(i => set.Classes[i])], IsGallery: false,
            set.MemberScopes is null ? null : [.. inMembers.Select(i => set.MemberScopes[i])]));
        var inGallery = chosen.Where(i => i >= members).Select(i => i - members).ToList();
        sample._blocks.Add(new Block(
            EvaluationSet.Subset(set.Gallery, inGallery), [], IsGallery: true, set.GalleryScopes is null ? null : [.. inGallery.Select(i => set.GalleryScopes[i])]));
        return sample;
    }

    /// <summary>How many chosen rows are surely of another class, for each class.</summary>
    public int[] RowsOutside()
    {
        var inScope = _blocks.SelectMany(b => b.Scopes ?? Enumerable.Repeat(0, b.Rows.Count)).CountBy(s => s).ToDictionary();
        var result = new int[Set.MembersByClass.Count];
        for (var c = 0; c < result.Length; c++)
        {
            result[c] = Set.MembersByClass[c] is [var row, ..] ? inScope.GetValueOrDefault(Set.MemberScopes?[row] ?? 0) : Rows;
        }

        foreach (var c in _blocks[0].Classes)
        {
            result[c]--;
        }

        return result;
    }

    /// <summary>Reports (member row, whether the chosen row is of the gallery, similarity) of each pair of two classes with similarity &gt;= tau.</summary>
    /// <remarks>Two chosen members meet twice, from each side; a pair of two members is therefore as likely as two of a member and a distractor.</remarks>
    public void Join(double tau, Action<int, bool, double> sink, CancellationToken cancellationToken)
    {
        foreach (var block in _blocks.Where(b => b.Rows.Count > 0 && Set.Members.Count > 0))
        {
            PairJoin.Join(
                Set.Members, block.Rows, tau, (left, right, similarity) =>
                {
                    if ((block.IsGallery || block.Classes[right] != Set.Classes[left])
                        && (block.Scopes is null || block.Scopes[right] == Set.MemberScopes![left]))
                    {
                        sink(left, block.IsGallery, similarity);
                    }
                },
                cancellationToken: cancellationToken);
        }
    }

    private sealed record Block(EmbeddingMatrix Rows, IReadOnlyList<int> Classes, bool IsGallery, IReadOnlyList<int>? Scopes);
}
