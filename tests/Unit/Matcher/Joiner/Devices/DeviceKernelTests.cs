using CpfPipeline.Joiner;
using CpfPipeline.Joiner.Devices;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Vision.Products;
using CpfPipeline.Vision.Sessions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Joiner.Devices;

public sealed class DeviceKernelTests
{
    [Theory]
    [InlineData(ExecutionProviderRequest.Cpu)]
    [InlineData(ExecutionProviderRequest.Auto)]
    public void Factory_OnRequestOrWithADevice_UsesOnnxRuntime_OtherwiseTheMatchersKernel(ExecutionProviderRequest provider)
    {
        using var probe = new ProductSession(4, new SessionSettings { Provider = provider });
        var usesIt = provider == ExecutionProviderRequest.Cpu || probe.Provider.WhyNotGpu is null;
        using var kernel = new DeviceKernel(
            Options.Create(new JoinerOptions { Provider = provider }), NullLogger<DeviceKernel>.Instance);

        // One dimension after the other.
        Assert.All([4, 4, 7], dimension => Assert.Equal(
            usesIt, kernel.Factory(new EmbeddingMatrix(dimension), 1).Kernel == PairKernel.Device));
    }
}
