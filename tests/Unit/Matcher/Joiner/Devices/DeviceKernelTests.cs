using System.Runtime.CompilerServices;
using CpfPipeline.Joiner;
using CpfPipeline.Joiner.Devices;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Vision.Products;
using CpfPipeline.Vision.Sessions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
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

    [Fact]
    public void Factory_AfterTheSessionFailed_IsTheMatchersKernel()
    {
        var rows = new EmbeddingMatrix(4);
        rows.Add(1, [(Half)1, (Half)0, (Half)0, (Half)0]);
        rows.Add(2, [(Half)1, (Half)0, (Half)0, (Half)0]);
        using var kernel = new DeviceKernel(
            Options.Create(new JoinerOptions { Provider = ExecutionProviderRequest.Cpu }), NullLogger<DeviceKernel>.Instance);
        var prefilter = kernel.Factory(rows, 1);
        OptionsOf(SessionOf(kernel)!).Terminate = true; // Every run fails.

        Assert.Throws<OnnxRuntimeException>(() => new BlockJoin(rows, 0.5, null, _ => prefilter).Accept(rows, (_, _, _) => { }));

        Assert.NotEqual(PairKernel.Device, kernel.Factory(rows, 1).Kernel);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_session")]
    private static extern ref ProductSession? SessionOf(DeviceKernel kernel);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_options")]
    private static extern ref RunOptions OptionsOf(ProductSession session);
}
