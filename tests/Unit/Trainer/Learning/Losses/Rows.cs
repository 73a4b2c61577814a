using CpfPipeline.Learning.Losses;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Losses;

/// <summary>Rows of numbers, and losses of them.</summary>
internal static class Rows
{
    public static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    public static double Length(double[] row) => Math.Sqrt(Dot(row, row));

    public static double Cosine(double[] a, double[] b) => Dot(a, b) / (Length(a) * Length(b));

    public static double[][] Random(Random random, int count, int dimension, double scale = 1) =>
        [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimension).Select(_ => scale * ((2 * random.NextDouble()) - 1)).ToArray())];

    /// <summary>Embeddings around the centres of their classes.</summary>
    public static double[][] Around(Random random, double[][] centres, int[] labels, double spread) =>
        [.. labels.Select(l => centres[l].Select(v => v + (spread * ((2 * random.NextDouble()) - 1))).ToArray())];

    public static Tensor ToTensor(double[][] rows, ScalarType type) =>
        tensor(rows.SelectMany(r => r).ToArray(), [rows.Length, rows[0].Length]).to(type);

    /// <summary>What a loss gives: its value and the gradients of embeddings and centres, in float64.</summary>
    public static (double Loss, double[] Embeddings, double[] Centres) Run(
        Func<Tensor, IEmbeddingLoss> make, double[][] embeddings, double[][] centres, int[] labels, ScalarType type = ScalarType.Float64,
        Func<Tensor>? unknown = null)
    {
        using var scope = NewDisposeScope();
        using var loss = make(ToTensor(centres, type));
        var x = ToTensor(embeddings, type).requires_grad_();
        var value = loss.Forward(x, tensor(labels).to(ScalarType.Int64), unknown?.Invoke());
        value.backward();
        Assert.Equal(type, value.dtype);
        return (value.to(ScalarType.Float64).item<double>(), Values(x.grad!), loss.Centres is { } c ? Values(c.grad!) : []);

        static double[] Values(Tensor t) => t.to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>Central differences of a function of embeddings and centres.</summary>
    public static (double[] Embeddings, double[] Centres) Differences(Func<double[][], double[][], double> f, double[][] embeddings, double[][] centres)
    {
        return (Of(embeddings, x => f(x, centres)), Of(centres, w => f(embeddings, w)));

        static double[] Of(double[][] at, Func<double[][], double> f)
        {
            const double H = 1e-5;
            var gradient = new List<double>();
            foreach (var row in at)
            {
                for (var k = 0; k < row.Length; k++)
                {
                    var value = row[k];
                    row[k] = value + H;
                    var above = f(at);
                    row[k] = value - H;
                    gradient.Add((above - f(at)) / (2 * H));
                    row[k] = value;
                }
            }

            return [.. gradient];
        }
    }

    /// <summary>Largest difference as a share of the largest value; 0 where both are zeros.</summary>
    public static double Gap(IEnumerable<double> expected, IEnumerable<double> actual)
    {
        var (e, a) = (expected.ToArray(), actual.ToArray());
        Assert.Equal(e.Length, a.Length);
        var largest = e.Max(Math.Abs);
        var gap = e.Zip(a, (x, y) => Math.Abs(x - y)).Max();
        return gap == 0 ? 0 : gap / largest;
    }
}
