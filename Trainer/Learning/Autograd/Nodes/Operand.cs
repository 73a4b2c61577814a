using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Nodes;

/// <summary>One input of a node.</summary>
/// <param name="Slot">Where a frame keeps it.</param>
/// <param name="Fixed">Its value where no training changes it: a constant of the file that is no weight.</param>
/// <param name="Shape">Its dimensions where it is a weight or constant of the file.</param>
internal sealed record Operand(int Slot, Tensor? Fixed, long[]? Shape)
{
    public Tensor Of(Frame frame) => frame[Slot];

    /// <summary>Its integers, read once if they are constant.</summary>
    public Func<Frame, long[]> Integers()
    {
        if (Fixed is not null)
        {
            var values = Read(Fixed);
            return _ => values;
        }

        return frame => Read(Of(frame));
    }

    /// <summary>The number it holds, if it is a constant of one element.</summary>
    public double? Scalar()
    {
        using var scope = NewDisposeScope();
        return Fixed?.numel() == 1 ? Fixed.to_type(ScalarType.Float64).cpu().data<double>()[0] : null;
    }

    private static long[] Read(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.to_type(ScalarType.Int64).cpu().data<long>().ToArray();
    }
}
