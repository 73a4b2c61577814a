using CpfPipeline.Embedder.Devices;
using Xunit;

namespace CpfPipeline.Tests.Unit.Embedder.Devices;

public sealed class OnnxFailureTests
{
    private const string Node = "[ErrorCode:Fail] Non-zero status code returned while running Conv node. Name:'Conv_3' Status Message: ";

    [Theory]
    [InlineData("bfc_arena.cc:376 AllocateRawInternal Failed to allocate memory for requested buffer of size 2830172160")]
    [InlineData("bfc_arena.cc:359 AllocateRawInternal Available memory of 1048576 is smaller than requested bytes of 25690112")]
    [InlineData("CUDA failure 2: out of memory ; GPU=0 ; hostname=h ; file=f ; line=48 ; expr=cudaMalloc((void**)&p, size);")]
    [InlineData("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=h ; file=f ; line=1 ; expr=cublasCreate(&handle);")]
    public void Of_MemoryRanOut_IsThat(string message)
    {
        var failure = OnnxFailure.Of("cuda:1", Node + message, new InvalidOperationException());
        Assert.StartsWith("cuda:1 has too little memory: ", Assert.IsType<DeviceMemoryException>(failure).Message);
    }

    [Theory]
    [InlineData("CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=h ; file=f ; line=63 ; expr=e;")]
    [InlineData("CUDNN failure 5000: CUDNN_STATUS_EXECUTION_FAILED ; GPU=0 ; hostname=h ; file=f ; line=1 ; expr=e;")]
    [InlineData("CUDA error executing cudaMemcpyAsync(dst_data, src_data, bytes, cudaMemcpyHostToDevice)")]
    public void Of_TheDeviceFailed_IsALoss(string message) =>
        Assert.StartsWith("cuda:0 stopped working: ", Assert.IsType<DeviceLostException>(
            OnnxFailure.Of("cuda:0", Node + message, new InvalidOperationException())).Message);

    [Fact]
    public void Of_TheGraphIsAtFault_IsTheFailureItself()
    {
        var failure = new InvalidOperationException();
        Assert.Same(failure, OnnxFailure.Of("cuda:0", "[ErrorCode:InvalidArgument] Got invalid dimensions for input: pixels", failure));
    }
}
