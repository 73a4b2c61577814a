using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.Heads;

/// <summary>
/// A learned head that knows what it was fitted to: pictures of that kind get its embedding, all others one that matches as the start model
/// matches.
/// </summary>
/// <remarks>
/// <para>Pictures of another kind share what tells them from the known ones. A projection that was fitted to the known ones shows little
/// else of them, so they all come out alike: of 80 photographs a head of drawings put 77 in 6 groups. No fit to the known kind can mend
/// this. The start model (see <see cref="StartHead"/>) was not fitted to the catalogue's products and does not have the fault.</para>
/// <para>Its similarities have a threshold of their own. Random Fourier features (Rahimi and Recht, Random Features for Large-Scale
/// Kernel Machines, NIPS 2007) turn its embedding <c>b</c> into <c>sqrt(2/D) [cos(Wb), sin(Wb)]</c> of unit length, where the
/// similarity is <c>exp(-(1 - bb')/s)</c>, up to chance of about <c>1/sqrt(D)</c>. With <c>s = (1 - t) / -ln tau</c> the start's
/// threshold t becomes tau, and what is far below t comes near 0.</para>
/// <para>Between the kinds, where <see cref="KnownSpan"/> gives a share g, the embedding is <c>(1 - g) learned + g start</c> at unit
/// length: all in one file, with one threshold.</para>
/// </remarks>
public static class GuardedHead
{
    private const int Seed = 1;

    // A kernel as narrow as these allow still tells two pictures apart; thresholds beyond them are of no working model.
    private const double MinDistance = 1e-3;
    private const double MinThreshold = .05;
    private const double MaxThreshold = .99;

    /// <summary>The file, with its metadata.</summary>
    /// <param name="learned">What was learned.</param>
    /// <param name="threshold">tau, of the learned head.</param>
    /// <param name="span">What it was learned from.</param>
    /// <param name="start">For pictures of other kinds.</param>
    /// <param name="provenance">Where it comes from, for a person.</param>
    /// <returns>Null when the start model's head is of an operator set that cannot stand in one file with it.</returns>
    public static byte[]? Write(LinearHead learned, double threshold, KnownSpan span, StartHead start, string provenance)
    {
        var (f, d) = (learned.FeatureDim, learned.EmbeddingDim);
        var g = new GraphWriter("guarded_head");
        var feature = g.Input("feature", null, f);
        if (g.Inline(ModelFile.Parse(start.Head.Bytes.Span, "the start model's head"), "start_", feature) is not { } startEmbedding)
        {
            return null;
        }

        var other = Fourier(g, startEmbedding, start.Head.Spec.EmbeddingDim, d, Width(start.Threshold, threshold));
        var share = span.Write(g, feature);
        var mixed = g.Node("Add", [
            g.Node("Mul", [learned.Write(g, feature), g.Node("Sub", [g.Constant([1], 1), share])]), g.Node("Mul", [other, share])]);
        g.Output(g.Normalise(mixed, 1), "embedding", null, d);
        return g.ToBytes(new HeadSpec("feature", "embedding", f, d, provenance).ToMetadata());
    }

    private static double Width(double startThreshold, double threshold) =>
        Math.Max(MinDistance, 1 - startThreshold) / -Math.Log(Math.Clamp(threshold, MinThreshold, MaxThreshold));

    // An odd D leaves out the last sine.
    private static string Fourier(GraphWriter g, string embedding, int from, int to, double width)
    {
        var pairs = (to + 1) / 2;
        var frequencies = new float[from * pairs];
        var random = new Random(Seed);
        for (var i = 0; i < frequencies.Length; i++)
        {
            frequencies[i] = (float)(Normal(random) / Math.Sqrt(width));
        }

        var angles = g.Node("MatMul", [embedding, g.Constant(frequencies, from, pairs)]);
        var both = g.Node("Concat", [g.Node("Cos", angles), g.Node("Sin", angles)], ("axis", 1L));
        var whole = 2 * pairs == to ? both : g.Node("Slice", [both, g.Constant([0L]), g.Constant([(long)to]), g.Constant([1L])]);
        return g.Normalise(whole, 1);
    }

    // Box and Muller's transform.
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
