using CpfPipeline.Learning.Augmentation;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.Features;

/// <summary>
/// Pictures of overlapping shapes and textures in random colours that fill the frame: unlike one another, and unlike whatever a catalogue
/// shows. A model that finds them alike finds all pictures alike that it was not made for.
/// </summary>
/// <remarks>
/// Dead leaves (Lee, Mumford and Huang, Occlusion Models for Natural Images, IJCV 2001): sizes by a power law, the later covers the
/// earlier, as things do in photographs.
/// </remarks>
public static class MadeUpPictures
{
    private const int MinShapes = 4;
    private const int MaxDoublings = 6;

    /// <summary>Features of such pictures, rounded to half.</summary>
    /// <param name="session">The backbone.</param>
    /// <param name="count">How many; those that the backbone makes nothing of are left out.</param>
    /// <param name="seed">Another seed, other pictures.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <returns><c>[N,F]</c>, row after row.</returns>
    public static Half[] Features(BackboneSession session, int count, int seed, CancellationToken cancellationToken)
    {
        var (spec, rows) = (session.Spec, new Half[]?[count]);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(0, count, options, () => new PixelBatch(spec.Input, 1), (i, _, batch) =>
            {
                var (feature, reasons) = (new Half[spec.FeatureDim], new string?[1]);
                var picture = Draw(spec.Input.Height, spec.Input.Width, new AugmentationDraws(seed, 0, i));
                PlanarPixels.Convert(picture.Pixels, spec.Input, batch.Row(0));
                session.Run(batch, 1, feature, reasons);
                rows[i] = reasons[0] is null ? feature : null;
                return batch;
            }, _ => { });
        }
        catch (AggregateException e)
        {
            throw SessionFailure.Explain(e, "backbone");
        }

        return [.. rows.OfType<Half[]>().SelectMany(row => row)];
    }

    internal static PixelImage Draw(int height, int width, AugmentationDraws draws)
    {
        var picture = new PixelImage(height, width, new byte[3 * height * width]);
        Paint(picture, Shape.Everything, draws);
        var shapes = (int)(MinShapes * Math.Pow(2, draws.Between(0, MaxDoublings)));
        var (smallest, largest) = (draws.Between(.02, .1), draws.Between(.15, .6));
        for (var i = 0; i < shapes; i++)
        {
            Paint(picture, Shape.Of(smallest, largest, draws), draws);
        }

        return picture;
    }

    // A colour that gets lighter towards one side, under waves in two directions.
    private static void Paint(PixelImage picture, Shape shape, AugmentationDraws draws)
    {
        var (red, green, blue) = (draws.Between(0, 255), draws.Between(0, 255), draws.Between(0, 255));
        var (slopeX, slopeY) = (draws.Between(-80, 80), draws.Between(-80, 80));
        var (first, second) = (Wave.Of(draws), Wave.Of(draws));
        for (var y = 0; y < picture.Height; y++)
        {
            var row = picture[y];
            var v = (y + .5) / picture.Height;
            for (var x = 0; x < picture.Width; x++)
            {
                var u = (x + .5) / picture.Width;
                if (!shape.Covers(u, v))
                {
                    continue;
                }

                var light = (slopeX * (u - shape.X)) + (slopeY * (v - shape.Y)) + first.At(u, v) + second.At(u, v);
                row[3 * x] = PixelImage.ToByte((float)(red + light));
                row[(3 * x) + 1] = PixelImage.ToByte((float)(green + light));
                row[(3 * x) + 2] = PixelImage.ToByte((float)(blue + light));
            }
        }
    }

    private readonly record struct Wave(double AcrossX, double AcrossY, double Phase, double Height)
    {
        public static Wave Of(AugmentationDraws draws)
        {
            var (angle, cycles) = (draws.Between(0, Math.PI), Math.Pow(2, draws.Between(0, 5.5)));
            return new Wave(
                2 * Math.PI * cycles * Math.Cos(angle), 2 * Math.PI * cycles * Math.Sin(angle), draws.Between(0, 2 * Math.PI),
                draws.Between(0, 40));
        }

        public double At(double u, double v) => Height * Math.Sin((AcrossX * u) + (AcrossY * v) + Phase);
    }

    // A disc or a box, turned; sizes in sides of the picture.
    private readonly record struct Shape(double X, double Y, double Size, double Cos, double Sin, double Aspect, bool IsDisc)
    {
        public static Shape Everything => new(.5, .5, 2, 1, 0, 1, IsDisc: false);

        // As many of a size as there is room for: 1 / size^2 is spread evenly.
        public static Shape Of(double smallest, double largest, AugmentationDraws draws)
        {
            var angle = draws.Between(0, Math.PI);
            return new Shape(
                draws.Between(-.1, 1.1), draws.Between(-.1, 1.1),
                1 / Math.Sqrt(draws.Between(1 / (largest * largest), 1 / (smallest * smallest))), Math.Cos(angle), Math.Sin(angle),
                draws.Between(.3, 1), draws.Happens(.5));
        }

        public bool Covers(double u, double v)
        {
            var (dx, dy) = (u - X, v - Y);
            var (along, across) = ((dx * Cos) + (dy * Sin), ((dy * Cos) - (dx * Sin)) / Aspect);
            return IsDisc ? (along * along) + (across * across) < Size * Size : Math.Max(Math.Abs(along), Math.Abs(across)) < Size;
        }
    }
}
