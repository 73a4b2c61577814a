using CpfPipeline.Vision.Sessions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Sessions;

public sealed class DeviceSettingsTests
{
    [Fact]
    public void CudaOptions_Default_BoundTheSearchAndKeepFloat32()
    {
        var options = new DeviceSettings { Id = 1 }.CudaOptions();

        Assert.Equal(("1", "HEURISTIC", "0"), (options["device_id"], options["cudnn_conv_algo_search"], options["use_tf32"]));
        Assert.DoesNotContain("gpu_mem_limit", options);
    }

    [Fact]
    public void CudaOptions_Set_AreHandedOn()
    {
        var options = new DeviceSettings
        {
            MaxMemoryBytes = 1L << 33, ConvolutionSearch = ConvolutionSearch.Default, AllowTf32 = true,
        }.CudaOptions();

        Assert.Equal(("8589934592", "DEFAULT", "1"), (options["gpu_mem_limit"], options["cudnn_conv_algo_search"], options["use_tf32"]));
    }
}
