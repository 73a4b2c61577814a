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

        Assert.Equal("Embedder:Workers must be between 0 (one a core) and 256.", error.Message);
    }

    [Fact]
    public void EffectiveBatchSize_Default_DependsOnTheExecutionProvider()
    {
        var options = new EmbedderOptions();

        Assert.Equal((1, 32), (options.EffectiveBatchSize(cuda: false), options.EffectiveBatchSize(cuda: true)));
    }
}
