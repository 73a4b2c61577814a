using CpfPipeline.Vision.Models;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

/// <summary>
/// Resizing in double precision, one axis after the other and bytes between, straight from the definition that the Python Imaging
/// Library and the networks of the hub share: each new pixel is the mean of the old ones, weighted by a kernel around its centre that is
/// as many times wider as pixels become fewer.
/// </summary>
internal static class ResamplingReference
{
    /// <param name="plane">Row after row.</param>
    /// <param name="width">Of the plane.</param>
    /// <param name="height">Of the plane.</param>
    /// <param name="newWidth">Of the result.</param>
    /// <param name="newHeight">Of the result.</param>
    /// <param name="kernel">Not <see cref="ResizeKernel.Fast"/>.</param>
    public static double[] Resize(double[] plane, int width, int height, int newWidth, int newHeight, ResizeKernel kernel)
    {
        var (across, down) = (Weights(width, newWidth, kernel), Weights(height, newHeight, kernel));
        var narrow = new double[newWidth * height];
        for (var i = 0; i < narrow.Length; i++)
        {
            narrow[i] = Byte(across[i % newWidth].Select((w, x) => w * plane[(i / newWidth * width) + x]).Sum());
        }

        var result = new double[newWidth * newHeight];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = Byte(down[i / newWidth].Select((w, y) => w * narrow[(y * newWidth) + (i % newWidth)]).Sum());
        }

        return result;
    }

    private static double Byte(double value) => Math.Clamp(Math.Round(value, MidpointRounding.AwayFromZero), 0, 255);

    private static double[][] Weights(int from, int to, ResizeKernel kernel)
    {
        var scale = (double)from / to;
        var stretch = Math.Max(scale, 1);
        return [.. Enumerable.Range(0, to).Select(i =>
        {
            var centre = (i + .5) * scale;
            var weights = Enumerable.Range(0, from)
                .Select(j => kernel == ResizeKernel.Nearest
                    ? (int)centre == j ? 1 : 0
                    : Weight(kernel, (j + .5 - centre) / stretch))
                .ToArray();
            var sum = weights.Sum();
            return weights.Select(w => w / sum).ToArray();
        })];
    }

    private static double Weight(ResizeKernel kernel, double at)
    {
        var x = Math.Abs(at);
        return kernel switch
        {
            ResizeKernel.Bilinear => Math.Max(0, 1 - x),
            ResizeKernel.Bicubic when x < 1 => (((1.5 * x) - 2.5) * x * x) + 1,
            ResizeKernel.Bicubic when x < 2 => (((((-.5 * x) + 2.5) * x) - 4) * x) + 2,
            ResizeKernel.Lanczos when x < 3 => Sinc(x) * Sinc(x / 3),
            _ => 0,
        };
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
}
