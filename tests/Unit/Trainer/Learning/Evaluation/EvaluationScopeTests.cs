using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Tests.Oracle;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Evaluation;

/// <summary>Pairs of two key scopes count in no figure: the oracle sees each scope as a set of its own.</summary>
public sealed class EvaluationScopeTests
{
    // Classes 0 to 2 are of scope 0, the others of scope 1; distractors of either.
    private static readonly Gen<(EvaluationCase Case, int[] Scopes)> Divided =
        from c in EvaluationCase.Any
        from scopes in Gen.Int[0, 1].Array[c.Pictures.Count]
        select (c, c.Pictures.Select((p, i) => p.Class < 0 ? scopes[i] : p.Class < 3 ? 0 : 1).ToArray());

    [Fact]
    public void Measure_TwoScopes_CountsAreTheSumsOfTheScopes() => Divided.Select(Gen.Double[-1, 1]).Sample((divided, tau) =>
    {
        var ((c, scopes), set) = (divided, Set(divided.Case, divided.Scopes));
        if (!c.Pictures.Any(p => p.Class >= 0))
        {
            return; // No members, nothing to measure.
        }

        var parts = Parts(c, scopes);
        var result = ModelEvaluation.Measure(set, tau, c.Labels, seed: 1);

        Assert.Equal(parts.Sum(p => p.Pairs.Count), set.AllPairs);
        Assert.Equal(parts.Sum(p => p.TruePositives(tau)), result.Pairs.TruePositives);
        Assert.Equal(parts.Sum(p => p.FalsePositives(tau)), result.Pairs.FalsePositives);
        Assert.Equal(parts.Sum(p => p.Pairs.Count(q => !q.Same)), SimilarityDensity.Measure(NegativeSample.Of(set, 1)).NegativePairs);
        Assert.Equal(BestF1(parts), result.Figures.BestF1, 1e-12);
        var withMembers = parts.Where((_, s) => c.Pictures.Where((p, i) => p.Class >= 0 && scopes[i] == s).Any());
        Assert.Equal(withMembers.Select(p => p.LargestComponent(tau)).Prepend(1).Max(), result.Figures.LargestComponent);
        var queries = parts.ConvertAll(p => c.Pictures.Count(q => q.Class >= 0 && c.Pictures.Count(r => r.Class == q.Class) > 1 && parts.IndexOf(p) == (q.Class < 3 ? 0 : 1)));
        var hits = parts.Zip(queries, (p, n) => p.Retrieval().RecallAt1 * n).Sum();
        Assert.Equal(queries.Sum() == 0 ? 0 : hits / queries.Sum(), result.Figures.RecallAt1, 1e-12);
    }, iter: 300);

    [Fact]
    public void Measure_TwoScopes_NegativesOfAnotherScopeChangeNothing() => EvaluationCase.Clouds.Sample(c =>
    {
        // Every distractor is of a scope that no member has.
        var scopes = c.Pictures.Select(p => p.Class < 0 ? 1 : 0).ToArray();
        var alone = new EvaluationCase([.. c.Pictures.Where(p => p.Class >= 0)]);
        if (alone.Pictures.Count == 0)
        {
            return;
        }

        var (with, without) = (ModelEvaluation.Measure(Set(c, scopes), .5, c.Labels, 1).Figures, ModelEvaluation.Measure(alone.Set, .5, c.Labels, 1).Figures);
        Assert.Equal(without with { Distractors = 0, F1Interval = [] }, with with { Distractors = 0, F1Interval = [] });
        Assert.Equal(without.F1Interval, with.F1Interval);
    }, iter: 200);

    private static double BestF1(List<NaiveEvaluation> parts)
    {
        var positives = parts.Sum(p => p.Positives);
        return parts.SelectMany(p => p.Pairs).Select(p => p.Similarity).Distinct().Select(t =>
        {
            var right = parts.Sum(p => p.TruePositives(t));
            return right == 0 ? 0 : 2.0 * right / (right + parts.Sum(p => p.FalsePositives(t)) + positives);
        }).DefaultIfEmpty(0).Max();
    }

    private static List<NaiveEvaluation> Parts(EvaluationCase c, int[] scopes) =>
        [.. Enumerable.Range(0, 2).Select(s => new NaiveEvaluation([.. c.Pictures.Where((_, i) => scopes[i] == s)]))];

    private static EvaluationSet Set(EvaluationCase c, int[] scopes)
    {
        var matrix = new EmbeddingMatrix(c.Pictures[0].Row.Length);
        foreach (var (id, row, _) in c.Pictures)
        {
            matrix.Add(id, row);
        }

        return EvaluationSet.Of(matrix, [.. c.Pictures.Select(p => p.Class)], scopes);
    }
}
