using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Pressure;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Pressure;

public sealed class IntakePressureTests
{
    private static readonly IngestOptions Options = new() { MaxOutboxMessages = 10, MaxQueuedImages = 20, MinFreeDiskShare = 0.05 };

    [Theory]
    [InlineData(10L, 20L, 0.05, null, null)]
    [InlineData(11L, 0L, 0.5, "More than 10 messages wait for the broker.", "More than 10 messages wait for the broker.")]
    [InlineData(0L, 21L, 0.5, "21 submitted images wait to be fetched; the limit is 20.", null)]
    [InlineData(0L, 0L, 0.0499, "A disk that is written to is nearly full: 5.0 % are free, 5.0 % must stay free.",
        "A disk that is written to is nearly full: 5.0 % are free, 5.0 % must stay free.")]
    [InlineData(null, null, null, null, null)]
    public void WhyNot_AtAndBeyondEachLimit_NamesItToWhomItConcerns(
        long? outbox, long? queued, double? free, string? expected, string? expectedOfUploads)
    {
        var state = IntakeState.Unknown.Next(new IntakePressure(outbox, queued, free), Options);

        Assert.Equal(expected, state.WhyNot(IntakeWay.Queue, Options));
        Assert.Equal(expectedOfUploads, state.WhyNot(IntakeWay.Direct, Options));
    }

    [Theory]
    [InlineData(true, false, IntakeLimit.Database, "The database does not answer.")]
    [InlineData(false, true, IntakeLimit.Disk, "A disk that pictures or feeds are written to does not answer.")]
    public void WhyNot_SilentServer_ClosesEveryWay(bool database, bool disk, object limit, string expected)
    {
        var state = IntakeState.Unknown.Next(new IntakePressure(null, null, 0.5, database, disk), Options);

        Assert.Equal(limit, state.Exceeded);
        Assert.Equal(expected, state.WhyNot(IntakeWay.Queue, Options));
        Assert.Equal(expected, state.WhyNot(IntakeWay.Direct, Options));
        Assert.Equal(IntakeLimit.None, state.Next(new IntakePressure(0, 0, 0.5), Options).Exceeded);
    }

    // Closed beyond a limit, open again at four fifths of it; of the disk at a fifth more.
    [Theory]
    [InlineData(9L, 17L, 0.059, IntakeLimit.Outbox | IntakeLimit.Queue | IntakeLimit.Disk)]
    [InlineData(8L, 16L, 0.06, IntakeLimit.None)]
    [InlineData(null, null, null, IntakeLimit.Outbox | IntakeLimit.Queue | IntakeLimit.Disk)]
    public void Exceeded_NearALimit_IsWhatItWas(long? outbox, long? queued, double? free, object expectedWhenClosed)
    {
        var near = new IntakePressure(outbox, queued, free);
        var closed = IntakeState.Unknown.Next(new IntakePressure(11, 21, 0.04), Options);

        Assert.Equal(IntakeLimit.None, IntakeState.Unknown.Next(near, Options).Exceeded);
        Assert.Equal(expectedWhenClosed, closed.Next(near, Options).Exceeded);
    }

    [Fact]
    public void TryEnter_UploadsOfMoreBytesThanMayBeHeld_AreRefusedUntilOthersAreDone()
    {
        var gate = new IntakeGate(Microsoft.Extensions.Options.Options.Create(new IngestOptions { MaxUploadBytesAtOnce = 100 }));

        Assert.Null(gate.TryEnter("key:a", IntakeWay.Direct, 150)); // Alone: else it could never come.
        Assert.Contains("Uploads of as many bytes", gate.TryEnter("key:a", IntakeWay.Direct, 1), StringComparison.Ordinal);
        Assert.Null(gate.TryEnter("key:a", IntakeWay.Queue));
        gate.Leave("key:a", 150);
        Assert.Null(gate.TryEnter("key:a", IntakeWay.Direct, 60));
        Assert.Null(gate.TryEnter("key:a", IntakeWay.Direct, 40));
        Assert.NotNull(gate.TryEnter("key:a", IntakeWay.Direct, 1));
    }

    [Fact]
    public void ComeAgainAfter_OfManyThatAreRefused_IsSpread()
    {
        var gate = new IntakeGate(Microsoft.Extensions.Options.Options.Create(new IngestOptions { RetryAfter = TimeSpan.FromSeconds(6) }));
        gate.Set(new IntakePressure(0, 0, 0.01));

        var seconds = Enumerable.Range(0, 8)
            .Select(_ => (Why: gate.TryEnter("key:a", IntakeWay.Direct), After: gate.ComeAgainAfter().TotalSeconds)).ToList();

        Assert.All(seconds, s => Assert.NotNull(s.Why));
        Assert.Equal([6, 7, 8, 9], seconds.Select(s => s.After).Distinct().Order());
    }
}
