using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Losses;

/// <summary>Inputs of <see cref="CpfLoss"/>, and what plain loops make of them.</summary>
internal sealed record CpfCase(CpfParameters Parameters, double[][] Embeddings, double[][] Centres, int[] Labels)
{
    public double[][] Cosines => [.. Embeddings.Select(x => Centres.Select(w => Rows.Cosine(x, w)).ToArray())];

    /// <summary>Section 8's sums, entry by entry; the weights of the exponentials and the mask are taken at other cosines, which stop-gradient makes constants.</summary>
    public (double Loss, double T, double P, double N) Value(double[][] cosines, double[][] frozen)
    {
        var q = Parameters;
        var (t, p, n) = (q.Offset, 0.0, 0.0);
        for (var i = 0; i < Labels.Length; i++)
        {
            for (var j = 0; j < Centres.Length; j++)
            {
                var (c, f, y) = (cosines[i][j], frozen[i][j], Labels[i] == j ? 1.0 : 0);
                var smoothed = ((1 - q.LabelSmoothing) * y) + (q.LabelSmoothing / Centres.Length);
                t += 2 * y * Math.Max(c, 0);
                p += smoothed * (1 - c) * Math.Exp(q.PositiveScale * (1 - f));
                n += f > q.FieldThreshold ? (1 - smoothed) * (c - q.Psi) * Math.Exp(q.NegativeScale * (f - q.Mu)) : 0;
            }
        }

        return ((p + n) / (t + p + n), t, p, n);
    }

    public (double Loss, double T, double P, double N) Value() => Value(Cosines, Cosines);

    /// <summary>By hand: dL/dc = (T d(P+N) - (P+N) dT) / (T+P+N)^2, dc/dx = (w/|w| - c x/|x|) / |x|.</summary>
    public (double[][] Embeddings, double[][] Centres) Gradients()
    {
        var q = Parameters;
        var cosines = Cosines;
        var (_, t, p, n) = Value();
        var ofEmbeddings = Embeddings.Select(x => new double[x.Length]).ToArray();
        var ofCentres = Centres.Select(w => new double[w.Length]).ToArray();
        for (var i = 0; i < Labels.Length; i++)
        {
            for (var j = 0; j < Centres.Length; j++)
            {
                var (c, y) = (cosines[i][j], Labels[i] == j ? 1.0 : 0);
                var smoothed = ((1 - q.LabelSmoothing) * y) + (q.LabelSmoothing / Centres.Length);
                var field = (c > q.FieldThreshold ? (1 - smoothed) * Math.Exp(q.NegativeScale * (c - q.Mu)) : 0) - (smoothed * Math.Exp(q.PositiveScale * (1 - c)));
                var slope = ((t * field) - ((p + n) * 2 * y * (c > 0 ? 1 : 0))) / ((t + p + n) * (t + p + n));
                var (x, w) = (Embeddings[i], Centres[j]);
                var (lengthX, lengthW) = (Rows.Length(x), Rows.Length(w));
                for (var k = 0; k < x.Length; k++)
                {
                    ofEmbeddings[i][k] += slope * ((w[k] / lengthW) - (c * x[k] / lengthX)) / lengthX;
                    ofCentres[j][k] += slope * ((x[k] / lengthX) - (c * w[k] / lengthW)) / lengthW;
                }
            }
        }

        return (ofEmbeddings, ofCentres);
    }
}
