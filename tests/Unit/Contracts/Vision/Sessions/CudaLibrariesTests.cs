using CpfPipeline.Vision.Sessions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Sessions;

public sealed class CudaLibrariesTests
{
    [Theory]
    [InlineData("libcuda.so.1", "there is no NVIDIA driver (libcuda.so.1)")]
    [InlineData("libcublasLt.so.13", "CUDA is not usable: libcublasLt.so.13 is missing (CUDA 13 and cuDNN 9 are needed)")]
    public void WhyNot_ALibraryIsMissing_NamesIt(string missing, string expected) =>
        Assert.Equal(expected, CudaLibraries.WhyNot(name => name != missing));

    [Fact]
    public void WhyNot_AllAreThere_IsNull() => Assert.Null(CudaLibraries.WhyNot(_ => true));
}
