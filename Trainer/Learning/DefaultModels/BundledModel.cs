using System.Globalization;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.DefaultModels;

/// <summary>Puts heads and thresholds on a backbone and chooses among them.</summary>
/// <param name="pictures">Fit, validation, test and all the others, which are there to be mistaken for.</param>
/// <param name="time">Clock of the decode time limit.</param>
public sealed class BundledModel(IReadOnlyList<BundledPicture> pictures, TimeProvider time)
{
    private const int EmbeddingDim = 128;
    private const int CopiesEach = 2;

    /// <summary>Share of the mean variance in the within-class covariance. As for heads that are fitted to copies.</summary>
    private const double Shrinkage = .1;

    /// <summary>Heads for a backbone, measured; the best on validation first.</summary>
    /// <param name="backbone">Trained or not.</param>
    /// <param name="heads">Heads by name, besides the ones that are fitted to features here.</param>
    /// <param name="seed">Of edits and bootstrap.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    public IReadOnlyList<BundledCandidate> Measure(
        BackboneFile backbone, IReadOnlyList<(string Name, byte[] Head)> heads, int seed, CancellationToken cancellationToken)
    {
        using var session = new BackboneSession(backbone, new SessionSettings());
        var families = new FeatureExtractor(session, time).Extract([.. pictures.Select(p => p.Path)], CopiesEach, seed, cancellationToken);
        var labels = BundledPicture.Numbered(pictures.Where(p => p.IsTest)).OrderBy(l => l.Value).Select(l => l.Key).ToList();
        return
        [
            .. heads.Append(("within-class whitening", WithinClass(backbone, families)))
                .Select(h => BundledCandidate.Measure(
                    h.Item1, h.Item2, head => new BundledEmbeddings(pictures, families, head), labels, seed, cancellationToken))
                .OrderByDescending(c => c.Calibrated.KeysF1),
        ];
    }

    /// <summary>Fitted to how pictures of one class differ from one another and from their copies, on the classes the weights were fitted to.</summary>
    private byte[] WithinClass(BackboneFile backbone, FeatureExtractor.Family?[] families)
    {
        var fitted = Enumerable.Range(0, pictures.Count).Where(i => pictures[i].IsFitted && families[i] is not null).ToList();
        var pairs = new List<(float[], float[])>();
        foreach (var members in fitted.GroupBy(i => pictures[i].Label))
        {
            var originals = members.Select(i => families[i]!.Original).ToList();
            pairs.AddRange(originals.SelectMany((a, k) => originals.Skip(k + 1).Select(b => (a, b))));
        }

        pairs.AddRange(fitted.SelectMany(i => families[i]!.Copies.Select(c => (c, families[i]!.Original))));
        var provenance = string.Create(
            CultureInfo.InvariantCulture, $"within-class whitening of {fitted.Count} pictures; {backbone.Spec.Provenance}");
        return HeadBuilder.CopyAware([.. fitted.Select(i => families[i]!.Original)], pairs, EmbeddingDim, Shrinkage, provenance);
    }
}
