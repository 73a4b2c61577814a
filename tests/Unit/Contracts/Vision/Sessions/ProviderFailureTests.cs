using CpfPipeline.Vision.Sessions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Sessions;

public sealed class ProviderFailureTests
{
    [Theory]
    [InlineData(
        "[ErrorCode:RuntimeException] /src/provider_bridge_ort.cc:2195 onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : "
            + "Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such file or directory",
        "CUDA is not usable: libcublasLt.so.13 is missing (CUDA 13 and cuDNN 9 are needed)")]
    [InlineData("CUDA failure 100: no CUDA-capable device is detected ; GPU=0 ; hostname=x", "there is no CUDA device")]
    [InlineData("something else\nwith a second line", "something else")]
    public void Explain_WhatOnnxRuntimeSays_IsOnePlainLine(string message, string expected) =>
        Assert.Equal(expected, ProviderFailure.Explain(message));
}
