namespace CpfPipeline.Learning.Augmentation;

/// <summary>
/// Random numbers of one augmented picture. They depend on nothing but the four numbers, so threads may make pictures in any order and a resumed
/// run makes the same ones.
/// </summary>
/// <remarks>SplitMix64 (Steele et al., Fast Splittable Pseudorandom Number Generators, OOPSLA 2014, figure 17).</remarks>
internal sealed class AugmentationDraws
{
    private ulong _state;

    /// <param name="seed">Of the run.</param>
    /// <param name="epoch">Which time a picture is drawn, a step for instance.</param>
    /// <param name="picture">Index of the picture.</param>
    /// <param name="copy">Which copy of it in one batch.</param>
    public AugmentationDraws(int seed, int epoch, int picture, int copy = 0)
    {
        foreach (var part in (ReadOnlySpan<int>)[seed, epoch, picture, copy])
        {
            // Mixed after each part: neighbouring numbers must not give neighbouring streams.
            _state = Mix(_state + 0x9E3779B97F4A7C15) ^ (uint)part;
        }
    }

    /// <summary>In [0, 1).</summary>
    public double Next() => (Mix(_state += 0x9E3779B97F4A7C15) >> 11) * (1.0 / (1UL << 53));

    public double Between(double low, double high) => low + ((high - low) * Next());

    /// <summary>0 to <paramref name="below"/> - 1.</summary>
    public int Next(int below) => (int)(Next() * below);

    /// <summary>True in a share of the cases.</summary>
    public bool Happens(double share) => Next() < share;

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
