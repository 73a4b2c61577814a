using CpfPipeline.Tests.DecoderProbe;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Walls;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Vision.Decoders;

/// <summary>A few hundred of the damaged pictures of <c>infra/cpf bench decode-mutations</c>, made of small pictures of our own.</summary>
public sealed class DecoderMutationTests
{
    private const int Inputs = 300;
    private const int Seed = 7;

    [Fact]
    public void Decode_DamagedPictures_EndsAsWithinTheProcessAndCostsNone()
    {
        var mutator = new PictureMutator([.. Pictures()], Seed);
        var within = new ImageDecoder(new ImageLimits(), TimeProvider.System);
        using var pool = new DecoderPool(
            new DecoderSettings
            {
                Command = DecoderCommand.Beside, Limits = new ImageLimits(), Count = 2, RequiredWalls = Wall.SystemCalls,
            },
            TimeProvider.System);
        Parallel.For(0, Inputs, new ParallelOptions { MaxDegreeOfParallelism = 2 }, number =>
        {
            var picture = mutator.Make(number, out _);
            var (ours, theirs) = (new float[ProbePool.Small.RowLength], new float[ProbePool.Small.RowLength]);
            Assert.Equal(within.Decode(picture, ProbePool.Small, ours), pool.Decode(picture, ProbePool.Small, theirs));
            Assert.Equal(ours, theirs);
        });

        Assert.All(Enum.GetValues<DecoderLoss>(), loss => Assert.Equal(0, pool.CountOf(loss)));
    }

    [Fact]
    public void Make_SameSeedAndNumber_GivesTheSameBytes()
    {
        byte[][] pictures = [.. Pictures()];
        var (first, second) = (new PictureMutator(pictures, Seed), new PictureMutator(pictures, Seed));
        var kinds = new HashSet<string>();
        for (var number = 0; number < Inputs; number++)
        {
            Assert.Equal(first.Make(number, out var kind), second.Make(number, out _));
            kinds.Add(kind);
        }

        Assert.Equal(PictureMutator.KindNames.Order(), kinds.Order());
    }

    private static IEnumerable<byte[]> Pictures()
    {
        using var noise = Image.Gaussnoise(40, 30, sigma: 40, mean: 120, seed: 5);
        using var ramp = Image.Xyz(40, 30);
        using var colours = noise.Bandjoin(ramp[0], ramp[1]).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        using var clear = colours.Bandjoin(ramp[0].Cast(Enums.BandFormat.Uchar));
        yield return colours.JpegsaveBuffer();
        yield return colours.JpegsaveBuffer(interlace: true);
        yield return clear.PngsaveBuffer();
        yield return colours.PngsaveBuffer(interlace: true, palette: true);
        yield return clear.WebpsaveBuffer(lossless: true);
        yield return colours.GifsaveBuffer();
        yield return clear.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Deflate);
    }
}
