using CpfPipeline.Vision.Copies;
using CpfPipeline.Vision.Decode;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Copies;

public sealed class EditedCopiesTests
{
    [Theory]
    [InlineData(CopyEdit.Rescale)]
    [InlineData(CopyEdit.Recompress)]
    [InlineData(CopyEdit.Crop)]
    [InlineData(CopyEdit.Watermark)]
    [InlineData(CopyEdit.CropRescale)]
    [InlineData(CopyEdit.WatermarkRecompress)]
    [InlineData(CopyEdit.CropWatermark)]
    public void TryMake_SameSeed_SameBytes(CopyEdit edit)
    {
        var picture = TestPictures.Jpeg();

        var first = EditedCopies.TryMake(picture, edit, seed: 1)!;
        var again = EditedCopies.TryMake(picture, edit, seed: 1)!;

        Assert.Equal(first.Jpeg, again.Jpeg);
        Assert.NotEqual(picture, first.Jpeg);
        var outcome = new ImageDecoder(new ImageLimits(), TimeProvider.System).Inspect(first.Jpeg);
        Assert.True(outcome.IsOk, outcome.Message);
        Assert.Equal(edit is CopyEdit.Recompress or CopyEdit.Watermark or CopyEdit.WatermarkRecompress, outcome.Width == 120);
    }

    [Fact]
    public void Choose_Seeds_DifferentOrders()
    {
        var picture = TestPictures.Jpeg();
        var orders = Enumerable.Range(0, 20).Select(s => string.Join(' ', EditedCopies.Choose(picture, 7, s))).Distinct().Count();
        Assert.True(orders > 10);
        Assert.Equal(7, EditedCopies.Choose(picture, 99, 1).Distinct().Count());
    }

    [Fact]
    public void TryMake_NoPicture_Null() => Assert.Null(EditedCopies.TryMake("text"u8.ToArray(), CopyEdit.Crop, 1));
}
