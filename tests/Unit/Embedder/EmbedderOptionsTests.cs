using System.ComponentModel.DataAnnotations;
using CpfPipeline.Embedder;
using Xunit;

namespace CpfPipeline.Tests.Unit.Embedder;

public sealed class EmbedderOptionsTests
{
    [Fact]
    public void Validate_TooManyWorkers_SaysWhatIsAllowed()
    {
        var options = new EmbedderOptions { Workers = 1000 };

        var error = Assert.Throws<ValidationException>(() =>
            Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true));

        Assert.Equal("Embedder:Workers must be between 0 (one per core) and 256.", error.Message);
    }

    [Fact]
    public void EffectiveBatchSize_Default_DependsOnTheExecutionProvider()
    {
        var options = new EmbedderOptions();

        Assert.Equal((1, 32), (options.EffectiveBatchSize(cuda: false), options.EffectiveBatchSize(cuda: true)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("cuda")]
    [InlineData("cuda:0,")]
    [InlineData("cuda:0;cuda:1")]
    public void Validate_DevicesThatAreNoList_SaysHowToWriteThem(string devices)
    {
        var options = new EmbedderOptions { Devices = devices };

        var error = Assert.Throws<ValidationException>(() =>
            Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true));

        Assert.Equal("Embedder:Devices must be a list like cuda:0,cuda:1 (numbers as nvidia-smi has them).", error.Message);
    }

    [Fact]
    public void DeviceIds_OneNamedTwice_IsOne() =>
        Assert.Equal([0, 3], new EmbedderOptions { Devices = "cuda:0,cuda:3,cuda:0" }.DeviceIds);
}
