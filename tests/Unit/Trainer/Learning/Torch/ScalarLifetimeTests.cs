using System.Runtime.InteropServices;
using CpfPipeline.Learning.Torch;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Torch;

public sealed class ScalarLifetimeTests
{
    [Fact]
    public void Again_RaceLostTwice_GivesTheResult()
    {
        var calls = 0;
        var result = ScalarLifetime.Again(() => ++calls < 3 ? throw new ExternalException("Exception raised from toFloat at Scalar.h:140") : 7);
        Assert.Equal((7, 3), (result, calls));
    }

    [Fact]
    public void Again_OtherFailures_AreThrownAtOnce()
    {
        var calls = 0;
        int Fail()
        {
            calls++;
            throw new ExternalException("mat1 and mat2 shapes cannot be multiplied");
        }

        Assert.Throws<ExternalException>(() => ScalarLifetime.Again(Fail));
        Assert.Equal(1, calls);
    }
}
