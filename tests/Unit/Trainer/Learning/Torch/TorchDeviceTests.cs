using CpfPipeline.Learning.Torch;
using TorchSharp;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Torch;

public sealed class TorchDeviceTests
{
    [Fact]
    public void Choose_AnyMachine_SaysWhy()
    {
        var device = TorchDevice.Choose();
        Assert.StartsWith(device.Device.type == DeviceType.CUDA ? "CUDA: " : "CPU: ", device.Reason);
        Assert.DoesNotContain('\n', device.Reason);
    }

    [Fact]
    public void Loaded_LibraryMissing_SaysWhatTrainingNeeds()
    {
        var e = Assert.Throws<TorchUnavailableException>(
            () => TorchDevice.Loaded<int>(() => throw new TypeInitializationException("torch", new DllNotFoundException("GLIBC_2.99 not found"))));
        Assert.Contains("Linux on x64 with glibc", e.Message);
        Assert.Contains("GLIBC_2.99 not found", e.Message);
    }

    [Fact]
    public void Loaded_OtherFailures_PassThrough() =>
        Assert.Throws<InvalidOperationException>(() => TorchDevice.Loaded<int>(() => throw new InvalidOperationException()));

    [Fact]
    public void Seed_Same_SameNumbers()
    {
        TorchDevice.Seed(11);
        using var first = torch.rand(5);
        TorchDevice.Seed(11);
        using var second = torch.rand(5);
        Assert.Equal(first.data<float>().ToArray(), second.data<float>().ToArray());
    }
}
