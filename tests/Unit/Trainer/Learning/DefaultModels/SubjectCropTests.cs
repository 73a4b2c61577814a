using CpfPipeline.Learning.DefaultModels;
using CpfPipeline.Learning.Graphs;
using Microsoft.ML.OnnxRuntime;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.DefaultModels;

public sealed class SubjectCropTests
{
    private const int Side = 40;

    [Fact]
    public void Write_NoiseInTheWholePicture_LeavesItAsItIs()
    {
        var random = new Random(3);
        var picture = Enumerable.Range(0, 3 * Side * Side).Select(_ => (random.NextSingle() * 4) - 2).ToArray();

        Assert.All(Run(picture).Zip(picture), p => Assert.Equal(p.Second, p.First, 1e-5));
    }

    [Fact]
    public void Write_PlainPicture_LeavesItAsItIs()
    {
        float[] picture = [.. Enumerable.Repeat(1.5f, 3 * Side * Side)];

        Assert.All(Run(picture), v => Assert.Equal(1.5f, v, 1e-5));
    }

    [Theory]
    [InlineData(10, 5, 20, 20)]
    [InlineData(0, 0, 30, 12)]
    [InlineData(25, 3, 12, 30)]
    [InlineData(18, 18, 4, 4)]
    public void Write_SubjectOnAPlainGround_EnlargesTheSquareAroundIt(int left, int top, int width, int height)
    {
        var random = new Random(4);
        var picture = new float[3 * Side * Side];
        for (var i = 0; i < picture.Length; i++)
        {
            var (x, y) = (i % Side, i / Side % Side);
            var (isCorner, inside) = (Math.Min(x, Side - 1 - x) < 3 && Math.Min(y, Side - 1 - y) < 3,
                x >= left && x < left + width && y >= top && y < top + height);
            picture[i] = inside && !isCorner ? random.NextSingle() - 2 : 1;
        }

        Assert.All(Run(picture).Zip(Cut(picture)), p => Assert.Equal(p.Second, p.First, 1e-4));
    }

    [Fact]
    public void Write_FaintGround_DoesNotCountAsSubject()
    {
        var random = new Random(5);
        var picture = new float[3 * Side * Side];
        for (var i = 0; i < picture.Length; i++)
        {
            var (x, y) = (i % Side, i / Side % Side);
            picture[i] = x is >= 10 and < 30 && y is >= 10 and < 30 ? -1 : 1 + (random.NextSingle() * .2f);
        }

        var result = Run(picture);

        // At the rim the ground is mixed in.
        Assert.All(
            Enumerable.Range(0, result.Length).Where(i => i % Side is > 0 and < Side - 1 && i / Side % Side is > 0 and < Side - 1),
            i => Assert.Equal(-1, result[i], 1e-3));
    }

    private static float[] Run(float[] picture)
    {
        var g = new GraphWriter("crop");
        g.Output(SubjectCrop.Write(g, g.Input("pixels", null, 3, Side, Side), Side), "cut", null, 3, Side, Side);
        using var session = new InferenceSession(g.ToBytes(new Dictionary<string, string>()));
        using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, picture.AsMemory(), [1, 3, Side, Side]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["pixels"], [input], ["cut"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    // One loop after the other: the box of what is not 1, the square around its middle, and bilinear samples; outside lies the ground.
    private static float[] Cut(float[] picture)
    {
        var shown = Enumerable.Range(0, picture.Length).Where(i => picture[i] < .65f).ToList();
        var (left, right) = (shown.Min(i => i % Side), shown.Max(i => i % Side) + 1);
        var (top, bottom) = (shown.Min(i => i / Side % Side), shown.Max(i => i / Side % Side) + 1);
        var length = Math.Max(Math.Max(right - left, bottom - top), Side / 4.0);
        var (x0, y0) = (((left + right) / 2.0) - (length / 2), ((top + bottom) / 2.0) - (length / 2));
        var result = new float[picture.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var x = x0 + (((i % Side) + .5) * length / Side) - .5;
            var y = y0 + (((i / Side % Side) + .5) * length / Side) - .5;
            var (floorX, floorY) = ((int)Math.Floor(x), (int)Math.Floor(y));
            var (partX, partY) = (x - floorX, y - floorY);
            result[i] = (float)((At(floorX, floorY) * (1 - partX) * (1 - partY)) + (At(floorX + 1, floorY) * partX * (1 - partY))
                + (At(floorX, floorY + 1) * (1 - partX) * partY) + (At(floorX + 1, floorY + 1) * partX * partY));

            double At(int column, int row) => column is < 0 or >= Side || row is < 0 or >= Side
                ? 1
                : picture[(i / (Side * Side) * Side * Side) + (row * Side) + column];
        }

        return result;
    }
}
