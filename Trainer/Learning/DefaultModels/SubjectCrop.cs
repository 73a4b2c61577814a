using CpfPipeline.Learning.Graphs;

namespace CpfPipeline.Learning.DefaultModels;

/// <summary>
/// Cuts a picture to what it shows, inside the network: to the square around everything that differs from the colour of its corners,
/// enlarged to the whole. One seller leaves a wide white margin around a product, another none; without margins the same parts lie in the
/// same places. A picture that fills its frame, or whose corners are of different colours, stays as it is.
/// </summary>
/// <remarks>
/// Resampling is linear and a product of matrices: the weight of source j for target i is max(0, 1 - |s_i - j|), with s_i the place of i
/// in the source. All operators are among those that the trainer executes.
/// </remarks>
internal static class SubjectCrop
{
    // In deviations of ImageNet's channels: some 20 of 256 steps, more than compression does to a plain background.
    private const float Difference = .35f;

    // What is smaller than a quarter of the side is enlarged four times and no more. So is the middle of a plain picture.
    private const float MinShare = .25f;

    private const int CornerSide = 3;

    /// <summary>Adds the nodes.</summary>
    /// <param name="g">Where.</param>
    /// <param name="pixels"><c>[N,3,S,S]</c>, normalised.</param>
    /// <param name="side">S.</param>
    /// <returns>The same shape and scale.</returns>
    public static string Write(GraphWriter g, string pixels, int side)
    {
        var corners = Enumerable.Range(0, side)
            .Select(i => i < CornerSide || i >= side - CornerSide ? 1f / (2 * CornerSide) : 0).ToArray();
        var colour = g.Node("MatMul", [g.Node("MatMul", [g.Constant(corners, 1, side), pixels]), g.Constant(corners, side, 1)]);
        var foreground = g.Node("Sub", [pixels, colour]);
        var differs = Largest(g, g.Node("Abs", foreground), 1);
        var shown = g.Node("Cast", g.Node("Greater", [differs, g.Constant([Difference], 1)]), ("to", 1L));
        var (left, right) = Ends(g, Largest(g, shown, 2), 3, side);
        var (top, bottom) = Ends(g, Largest(g, shown, 3), 2, side);
        var length = g.Node("Max", [g.Node("Sub", [right, left]), g.Node("Sub", [bottom, top]), g.Constant([side * MinShare], 1)]);

        // Rows from the left, columns from the right.
        var rows = Weights(g, Places(g, top, bottom, length, side, [1, 1, side, 1]), Numbers(g, side, [1, 1, 1, side]));
        var columns = Weights(g, Places(g, left, right, length, side, [1, 1, 1, side]), Numbers(g, side, [1, 1, side, 1]));
        var cut = g.Node("MatMul", [g.Node("MatMul", [rows, foreground]), columns]);
        return g.Node("Add", [cut, colour]);
    }

    // The first place that is shown, and the one behind the last; side and 0 where there is none.
    private static (string First, string End) Ends(GraphWriter g, string shown, long axis, int side)
    {
        int[] shape = axis == 3 ? [1, 1, 1, side] : [1, 1, side, 1];
        var fromEnd = g.Constant([.. Enumerable.Range(0, side).Select(i => (float)(side - i))], shape);
        var fromStart = g.Constant([.. Enumerable.Range(1, side).Select(i => (float)i)], shape);
        return (
            g.Node("Sub", [g.Constant([(float)side], 1), Largest(g, g.Node("Mul", [shown, fromEnd]), axis)]),
            Largest(g, g.Node("Mul", [shown, fromStart]), axis));
    }

    // s_i = middle - 0.5 + (i + 0.5 - S / 2) length / S: at full length exactly i.
    private static string Places(GraphWriter g, string first, string end, string length, int side, int[] shape)
    {
        var middle = g.Node("Mul", [g.Node("Add", [first, end]), g.Constant([.5f], 1)]);
        var steps = g.Constant([.. Enumerable.Range(0, side).Select(i => i + .5f - (side / 2f))], shape);
        var scale = g.Node("Div", [length, g.Constant([(float)side], 1)]);
        var centred = g.Node("Add", [g.Node("Mul", [steps, scale]), middle]);
        return g.Node("Sub", [centred, g.Constant([.5f], 1)]);
    }

    private static string Weights(GraphWriter g, string places, string sources)
    {
        var distance = g.Node("Abs", g.Node("Sub", [places, sources]));
        return g.Node("Relu", g.Node("Sub", [g.Constant([1f], 1), distance]));
    }

    private static string Numbers(GraphWriter g, int count, int[] shape) =>
        g.Constant([.. Enumerable.Range(0, count).Select(i => (float)i)], shape);

    private static string Largest(GraphWriter g, string values, long axis) =>
        g.Node("ReduceMax", values, ("axes", new[] { axis }), ("keepdims", 1L));
}
