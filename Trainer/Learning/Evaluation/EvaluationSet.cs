using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Learning.Evaluation;

/// <summary>
/// Embedded pictures of one split: members, which have classes, and a gallery (distractors) that is only there to be found wrongly. Pairs are
/// member with member and member with gallery; pairs within the gallery do not count anywhere, they only glue groups together.
/// </summary>
/// <remarks>
/// Where product keys have scopes, only pairs within a scope are known to be of one class or of two; those of two scopes count nowhere, and groups are formed
/// scope by scope.
/// All figures are functions of the set of (content id, embedding, class): the order of rows makes no difference. Similarities are the exact ones of the
/// stored halves.
/// </remarks>
public sealed class EvaluationSet
{
    /// <summary>The class of a row that belongs to the gallery.</summary>
    public const int NoClass = -1;

    /// <summary>Below any similarity that <see cref="EmbeddingMatrix"/> lets happen.</summary>
    public const double LowestSimilarity = -32;

    private EvaluationSet(EmbeddingMatrix members, int[] classes, EmbeddingMatrix gallery, int[]? memberScopes, int[]? galleryScopes)
    {
        (Members, Classes, Gallery) = (members, classes, gallery);
        (MemberScopes, GalleryScopes) = (memberScopes, galleryScopes);
        Scopes = memberScopes is null ? [EvaluationScope.Whole(members, gallery)] : EvaluationScope.Divide(members, gallery, memberScopes, galleryScopes!);
        MembersByClass = [.. Enumerable.Range(0, classes.Length == 0 ? 0 : classes.Max() + 1).Select(_ => new List<int>())];
        for (var row = 0; row < classes.Length; row++)
        {
            MembersByClass[classes[row]].Add(row);
        }
    }

    public EmbeddingMatrix Members { get; }

    /// <summary>Class of each member, from 0.</summary>
    public IReadOnlyList<int> Classes { get; }

    public EmbeddingMatrix Gallery { get; }

    /// <summary>Scope of each member; null: there is one.</summary>
    public int[]? MemberScopes { get; }

    /// <summary>Scope of each gallery row; null: there is one.</summary>
    public int[]? GalleryScopes { get; }

    /// <summary>The rows scope by scope.</summary>
    public IReadOnlyList<EvaluationScope> Scopes { get; }

    /// <summary>Member rows of each class; a class may be empty.</summary>
    public IReadOnlyList<List<int>> MembersByClass { get; }

    /// <summary>Classes that have members.</summary>
    public int ClassCount => MembersByClass.Count(c => c.Count > 0);

    /// <summary>Unordered pairs of one class.</summary>
    public long PositivePairs => MembersByClass.Sum(c => (long)c.Count * (c.Count - 1) / 2);

    /// <summary>Unordered pairs of two members, and of a member and a gallery row.</summary>
    public long AllPairs => Scopes.Sum(s => ((long)s.Members.Count * (s.Members.Count - 1) / 2) + ((long)s.Members.Count * s.Gallery.Count));

    /// <summary>Divides rows into members and gallery.</summary>
    /// <param name="rows">Distinct content ids.</param>
    /// <param name="classes">A class from 0 for each row, or <see cref="NoClass"/> for the gallery.</param>
    /// <param name="scopes">The scope of each row, the same for all rows of a class; null: one for all.</param>
    public static EvaluationSet Of(EmbeddingMatrix rows, IReadOnlyList<int> classes, IReadOnlyList<int>? scopes = null)
    {
        if (classes.Count != rows.Count)
        {
            throw new ArgumentException($"{classes.Count} classes were given for {rows.Count} rows.", nameof(classes));
        }

        var memberRows = Enumerable.Range(0, rows.Count).Where(i => classes[i] != NoClass).ToArray();
        var galleryRows = Enumerable.Range(0, rows.Count).Where(i => classes[i] == NoClass).ToArray();
        var isDivided = scopes is not null && scopes.Distinct().Skip(1).Any();
        return new EvaluationSet(
            Subset(rows, memberRows), [.. memberRows.Select(i => classes[i])], Subset(rows, galleryRows),
            isDivided ? [.. memberRows.Select(i => scopes![i])] : null, isDivided ? [.. galleryRows.Select(i => scopes![i])] : null);
    }

    /// <summary>The members without the gallery.</summary>
    public EvaluationSet Alone() => Gallery.Count == 0 ? this : Of(Members, Classes, MemberScopes);

    /// <summary>Copies some rows.</summary>
    public static EmbeddingMatrix Subset(EmbeddingMatrix rows, IReadOnlyCollection<int> chosen)
    {
        var result = new EmbeddingMatrix(rows.Dimension, chosen.Count);
        foreach (var row in chosen)
        {
            result.Add(rows.ContentId(row), rows.Row(row));
        }

        return result;
    }

    /// <summary>Reports each pair of two members (a, b), a &lt; b, and of a member and a gallery row (a, g) with similarity &gt;= tau once.</summary>
    /// <param name="tau">Smallest similarity.</param>
    /// <param name="members">Never called by two threads at once.</param>
    /// <param name="gallery">Never called by two threads at once.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public void Join(double tau, Action<int, int, double> members, Action<int, int, double> gallery, CancellationToken cancellationToken)
    {
        foreach (var scope in Scopes)
        {
            PairJoin.SelfJoin(scope.Members, tau, (a, b, s) => members(scope.MemberRow(a), scope.MemberRow(b), s), cancellationToken: cancellationToken);
            if (scope.Gallery.Count > 0)
            {
                PairJoin.Join(
                    scope.Members, scope.Gallery, tau, (a, g, s) => gallery(scope.MemberRow(a), scope.GalleryRow(g), s), cancellationToken: cancellationToken);
            }
        }
    }

    /// <summary>Reports each pair of two gallery rows of a scope with similarity &gt;= tau once.</summary>
    public void JoinGallery(double tau, Action<int, int> gallery, CancellationToken cancellationToken)
    {
        foreach (var scope in Scopes)
        {
            PairJoin.SelfJoin(scope.Gallery, tau, (a, b, _) => gallery(scope.GalleryRow(a), scope.GalleryRow(b)), cancellationToken: cancellationToken);
        }
    }

    /// <summary>Visits every pair of one class, classes in parallel, the pairs of a class by one thread.</summary>
    /// <param name="newLocal">Makes what a thread collects into.</param>
    /// <param name="visit">Receives it, the class, both member rows (a &lt; b) and their similarity.</param>
    /// <param name="finish">Receives what a thread collected; called by one thread at a time.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    public void VisitPositives<T>(Func<T> newLocal, Action<T, int, int, int, double> visit, Action<T> finish, CancellationToken cancellationToken)
    {
        var gate = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, MembersByClass.Count, options, newLocal, (c, _, local) =>
        {
            var rows = MembersByClass[c];
            for (var i = 0; i < rows.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var j = i + 1; j < rows.Count; j++)
                {
                    visit(local, c, rows[i], rows[j], Similarity.Exact(Members.Row(rows[i]), Members.Row(rows[j])));
                }
            }

            return local;
        }, local =>
        {
            lock (gate)
            {
                finish(local);
            }
        });
    }
}
