using CpfPipeline.Learning.FullDepth;
using NetVips;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.FullDepth;

/// <summary>Noisy pictures of 20 x 20: a class is two colours and the way they are striped.</summary>
internal static class SyntheticPictures
{
    private const int Side = 20;

    /// <param name="folder">Made here.</param>
    /// <param name="classes">How many.</param>
    /// <param name="each">Pictures of each.</param>
    /// <param name="seed">Another seed, other classes.</param>
    public static IReadOnlyList<TrainingPicture> Write(string folder, int classes, int each, int seed)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(seed);
        var result = new List<TrainingPicture>();
        for (var c = 0; c < classes; c++)
        {
            var (colours, slope, width) = (new byte[6], random.NextDouble() * Math.PI, 3 + (random.NextDouble() * 6));
            random.NextBytes(colours);
            for (var i = 0; i < each; i++)
            {
                var path = Path.Combine(folder, $"{c}-{i}.png");
                using var image = Make(colours, slope, width, random);
                image.WriteToFile(path);
                result.Add(new TrainingPicture(path, c));
            }
        }

        return result;
    }

    private static Image Make(byte[] colours, double slope, double width, Random random)
    {
        var (pixels, shift, shade) = (new byte[3 * Side * Side], random.NextDouble() * width * 2, random.Next(-40, 40));
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y) = (i / 3 % Side, i / 3 / Side);
            var along = ((x * Math.Cos(slope)) + (y * Math.Sin(slope)) + shift) / width;
            pixels[i] = (byte)Math.Clamp(colours[((int)Math.Floor(along) & 1) == 0 ? i % 3 : 3 + (i % 3)] + shade + random.Next(-25, 25), 0, 255);
        }

        using var raw = Image.NewFromMemory(pixels, Side, Side, 3, Enums.BandFormat.Uchar);
        return raw.Copy(interpretation: Enums.Interpretation.Srgb);
    }
}
