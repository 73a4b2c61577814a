using CpfPipeline.Ingest.Replays;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Replays;

public sealed class ReplayFilterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    private static readonly FailedMessage Failed = new(
        "cpf.submit-image_error", "cpf.submit-image", "SubmitImage", "Npgsql.PostgresException", "23505: duplicate key", "shop", Noon, 0);

    public static TheoryData<object, bool> Filters() => new()
    {
        { new ReplayFilter(), true },
        { new ReplayFilter(Queue: "cpf.submit-image"), true },
        { new ReplayFilter(Queue: "cpf.submit-image_error"), true },
        { new ReplayFilter(Queue: "cpf.submit"), false },
        { new ReplayFilter(Reason: "postgresexception"), true },
        { new ReplayFilter(Reason: "DUPLICATE"), true },
        { new ReplayFilter(Reason: "timeout"), false },
        { new ReplayFilter(Source: "shop"), true },
        { new ReplayFilter(Source: "sho"), false },
        { new ReplayFilter(Since: Noon), true },
        { new ReplayFilter(Since: Noon.AddTicks(1)), false },
        { new ReplayFilter(Until: Noon), false },
        { new ReplayFilter(Until: Noon.AddTicks(1)), true },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public void Chooses_Message_ThatEveryConditionHoldsOf(object filter, bool expected) =>
        Assert.Equal(expected, ((ReplayFilter)filter).Chooses(Failed));

    [Fact]
    public void Chooses_MessageThatCameFromNoQueueOfThePipeline_Never() =>
        Assert.False(new ReplayFilter().Chooses(Failed with { Target = null }));

    [Fact]
    public void Chooses_RequestThatExpired_OnlyWhenItsReasonIsNamed()
    {
        var expired = Failed with { Reason = FailedMessage.Expired };
        Assert.False(new ReplayFilter().Chooses(expired));
        Assert.True(new ReplayFilter(Reason: "expired").Chooses(expired));
    }

    [Fact]
    public void Chooses_Verdict_OnlyWhenItsQueueIsNamed()
    {
        var verdict = Failed with { Target = "cpf.give-verdict", Queue = "cpf.give-verdict_error" };
        Assert.False(new ReplayFilter().Chooses(verdict));
        Assert.True(new ReplayFilter(Queue: "cpf.give-verdict").Chooses(verdict));
    }

    [Fact]
    public void Chooses_UnknownTime_NotWhenATimeIsAskedFor()
    {
        Assert.False(new ReplayFilter(Since: Noon).Chooses(Failed with { FailedAt = null }));
        Assert.False(new ReplayFilter(Until: Noon).Chooses(Failed with { FailedAt = null }));
    }
}
