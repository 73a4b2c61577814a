using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Copies;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Copies;

public sealed class EditedCopiesTests
{
    private static readonly ImageDecoder Decoder = new(new ImageLimits(), TimeProvider.System);

    public static TheoryData<CopyEdit> Edits() => [.. EditedCopies.All];

    [Theory]
    [MemberData(nameof(Edits))]
    public void TryMake_SameSeed_SameBytes(CopyEdit edit)
    {
        var picture = TestPictures.Jpeg();

        var first = EditedCopies.TryMake(Decoder, picture, edit, seed: 1)!;
        var again = EditedCopies.TryMake(Decoder, picture, edit, seed: 1)!;

        Assert.Equal(first.Jpeg, again.Jpeg);
        Assert.NotEqual(picture, first.Jpeg);
        var outcome = Decoder.Inspect(first.Jpeg);
        Assert.True(outcome.IsOk, outcome.Message);
        var keepsSize = edit is CopyEdit.Recompress or CopyEdit.Watermark or CopyEdit.WatermarkRecompress or CopyEdit.Tone or CopyEdit.Tint
            or CopyEdit.Blur or CopyEdit.Mirror or CopyEdit.Overlay;
        Assert.Equal(keepsSize, outcome.Width == 120);
    }

    [Fact]
    public void Choose_Seeds_DifferentOrders()
    {
        var picture = TestPictures.Jpeg();
        var orders = Enumerable.Range(0, 20)
            .Select(s => string.Join(' ', EditedCopies.Choose(picture, 7, s, EditedCopies.Mild))).Distinct().Count();
        Assert.True(orders > 10);
        Assert.Equal(7, EditedCopies.Choose(picture, 99, 1, EditedCopies.Mild).Distinct().Count());
        Assert.Equal(EditedCopies.All.Count, EditedCopies.Choose(picture, 99, 1, EditedCopies.All).Distinct().Count());
    }

    // Left of the test picture is not what right of it is, so that an edit which does nothing is seen.
    [Theory]
    [MemberData(nameof(Edits))]
    public void TryMake_AnEdit_ChangesThePictureMoreThanSavingItAgain(CopyEdit edit)
    {
        var picture = TestPictures.Jpeg();
        if (edit == CopyEdit.Recompress)
        {
            return;
        }

        Assert.True(Distance(picture, EditedCopies.TryMake(Decoder, picture, edit, 1)!.Jpeg) > 0.002);
    }

    private static double Distance(byte[] a, byte[] b)
    {
        var spec = new InputSpec(64, 64, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);
        var (x, y) = (new float[spec.RowLength], new float[spec.RowLength]);
        Decoder.Decode(a, spec, x);
        Decoder.Decode(b, spec, y);
        return x.Zip(y, (p, q) => Math.Abs(p - q)).Average();
    }

    [Fact]
    public void TryMake_NoPicture_Null() => Assert.Null(EditedCopies.TryMake(Decoder, "text"u8.ToArray(), CopyEdit.Crop, 1));
}
