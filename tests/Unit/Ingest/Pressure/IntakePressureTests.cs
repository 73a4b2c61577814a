using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Pressure;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Pressure;

public sealed class IntakePressureTests
{
    private static readonly IngestOptions Options = new() { MaxOutboxMessages = 10, MaxQueuedImages = 20, MinFreeDiskShare = 0.05 };

    [Theory]
    [InlineData(10L, 20L, 0.05, null)]
    [InlineData(11L, 0L, 0.5, "More than 10 messages wait for the broker.")]
    [InlineData(0L, 21L, 0.5, "21 submitted images wait to be fetched; the limit is 20.")]
    [InlineData(0L, 0L, 0.0499, "The disk of the pictures is nearly full: 5.0 % are free, 5.0 % must stay free.")]
    [InlineData(null, null, null, null)]
    public void WhyNot_AtAndBeyondEachLimit_NamesIt(long? outbox, long? queued, double? free, string? expected) =>
        Assert.Equal(expected, new IntakePressure(outbox, queued, free).WhyNot(Options));

    [Fact]
    public void IsDiskFull_UnknownShare_IsNot() => Assert.False(IntakePressure.Unknown.IsDiskFull(Options));
}
