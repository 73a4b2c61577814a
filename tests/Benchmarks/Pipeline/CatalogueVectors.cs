using CpfPipeline.Tests.Benchmarks.Models;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// Embeddings as a catalogue has them: one giant component (what a weak model makes of plain backgrounds), products of three pictures,
/// single pictures. Similarities: within the giant about .83, within a product about .9, between strangers about 0; the threshold to use is
/// .8.
/// </summary>
internal sealed class CatalogueVectors
{
    public const double Threshold = .8;
    private const int Dim = BenchModel.EmbeddingDim;
    private const double GiantSpread = .45;
    private const double ProductSpread = .33;

    private readonly Random _random;
    private readonly double[] _giant;
    private readonly List<Half[]> _products = [];

    public CatalogueVectors(int seed)
    {
        _random = new Random(seed);
        _giant = Direction();
    }

    /// <summary>A member of the giant.</summary>
    public Half[] Giant() => Near(_giant, GiantSpread);

    /// <summary>A picture of a product, a new one or one seen before.</summary>
    public Half[] Picture()
    {
        // Two of three pictures show a product that is known by then.
        if (_products.Count > 0 && _random.Next(3) > 0)
        {
            return Near([.. _products[_random.Next(_products.Count)].Select(v => (double)v)], ProductSpread);
        }

        Half[] first = [.. Direction().Select(v => (Half)v)];
        _products.Add(first);
        return first;
    }

    /// <summary>Pictures of one product, all near its first.</summary>
    public IEnumerable<Half[]> Product(int pictures)
    {
        var centre = Direction();
        return Enumerable.Range(0, pictures).Select(_ => Near(centre, ProductSpread));
    }

    private Half[] Near(double[] centre, double spread)
    {
        var noise = Direction();
        return Unit([.. centre.Zip(noise, (c, n) => c + (spread * n))]);
    }

    // Gaussian, so that directions are uniform.
    private double[] Direction()
    {
        var values = new double[Dim];
        for (var i = 0; i < Dim; i++)
        {
            values[i] = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
        }

        var norm = Math.Sqrt(values.Sum(v => v * v));
        return [.. values.Select(v => v / norm)];
    }

    private static Half[] Unit(double[] values)
    {
        var norm = Math.Sqrt(values.Sum(v => v * v));
        return [.. values.Select(v => (Half)(v / norm))];
    }
}
