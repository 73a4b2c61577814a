using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Tests.Unit.Fixtures;
using CpfPipeline.Trainer.Setup;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Setup;

public sealed class ModelPreparationTests
{
    [Fact]
    public async Task GetAsync_WhilePicturesComeIn_TellsHowFarAndHowLong()
    {
        var time = new HandClock();
        var preparation = new ModelPreparation(time);
        Assert.NotNull(await preparation.GetAsync(CancellationToken.None));

        preparation.Report(new PreparedPictures(1, 101));
        time.Advance(TimeSpan.FromSeconds(10));
        preparation.Report(new PreparedPictures(21, 101));
        preparation.Report(new PreparedPictures(20, 101)); // Another thread was slower.

        var detail = Assert.IsType<Dictionary<string, object?>>(await preparation.GetAsync(CancellationToken.None));
        Assert.Equal((101, 21, 40.0), (detail["pictures"], detail["done"], detail["seconds_left"]));
    }

    [Fact]
    public async Task GetAsync_Settled_IsNull()
    {
        var preparation = new ModelPreparation(TimeProvider.System);
        preparation.Settle();

        Assert.Null(await preparation.GetAsync(CancellationToken.None));
    }
}
