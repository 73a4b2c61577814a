namespace CpfPipeline.Nights.TrainingSets;

/// <summary>A vector of each row of a <see cref="TrainingSet"/>, in one array.</summary>
/// <param name="Dimension">Values per row.</param>
/// <param name="Values"><c>[N,D] half</c>.</param>
internal sealed record ContentVectors(int Dimension, Half[] Values)
{
    public int Count => Values.Length / Dimension;

    public ReadOnlySpan<Half> Row(int row) => Values.AsSpan(checked(row * Dimension), Dimension);
}
