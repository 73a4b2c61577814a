namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>ONNX axes count from the end when negative.</summary>
internal static class Axes
{
    public static long Normal(long axis, long rank) => axis < 0 ? axis + rank : axis;

    public static long[] Normal(long[] axes, long rank) => [.. axes.Select(a => Normal(a, rank))];
}
