using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Outages;
using CpfPipeline.Nights.Candidates;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Vocabulary;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.Runs;

public sealed class RunRulesTests
{
    [Theory]
    [InlineData("training", 1L, null, null)]
    [InlineData("join", 1L, "shadow", null)]
    [InlineData("activate", 2L, "active", null)] // Resumed after its own activation.
    [InlineData("index", 1L, "retired", null)] // A rollback begins like this.
    [InlineData("join", 1L, "refused", "stepped back")]
    [InlineData("activate", 1L, "retired", "stepped back")]
    [InlineData("training", 3L, null, "became active meanwhile")]
    [InlineData("training", null, null, "no model is active")]
    public void Check_BeforeAStep_GoesOnOrSaysWhyNot(string step, long? active, string? modelState, string? reason)
    {
        var run = SomeRun.Of(step: step) with { BaseModelId = 1, ModelId = modelState is null ? null : 2 };

        var end = RunGuard.Check(run, step, active, modelState);

        Assert.Equal(reason is null, end is null);
        Assert.Contains(reason ?? "", end?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Is_ExceptionsOfAllKinds_TellsWhatMends()
    {
        Assert.True(Outage.IsOne(new NpgsqlException("gone")));
        Assert.True(Outage.IsOne(new IOException("disk full")));
        Assert.True(Outage.IsOne(new BlobMissingException("not there")));
        Assert.True(Outage.IsOne(new InvalidOperationException("outer", new TimeoutException())));
        Assert.True(Outage.IsOne(Sql("57P01")));
        Assert.True(Outage.IsOne(Sql("53100")));
        Assert.False(Outage.IsOne(Sql("23514"))); // A check that data violate, today and tomorrow.
        Assert.False(Outage.IsOne(new NotSupportedException()));
    }

    [Fact]
    public void IsOf_StoredOrderThatOthersAskedForToo_IsRecognised()
    {
        var order = new RunOrder(TrainingRunKind.Training, .99);
        Assert.True(order.IsOf(SomeRun.Of(request: """{"also_asked": ["x"], "target_precision": 0.99}""")));
        Assert.False(order.IsOf(SomeRun.Of(request: """{"target_precision": 0.9}""")));
        Assert.False(order.IsOf(SomeRun.Of(TrainingRunKind.Threshold, request: order.ToJson())));
        Assert.True(RunOrder.Rollback.IsOf(SomeRun.Of(TrainingRunKind.Activation, request: """{"rollback": true}""")));
        Assert.Equal("""{"model_id":5}""", new RunOrder(TrainingRunKind.Activation, ModelId: 5).ToJson());
        Assert.Equal(.99, RunOrder.TargetPrecisionOf(SomeRun.Of(request: order.ToJson())));
        Assert.Null(RunOrder.TargetPrecisionOf(SomeRun.Of()));
    }

    [Fact]
    public void Problem_OrdersAndKeys_NameWhatIsWrong()
    {
        Assert.Null(new RunOrder("training").Problem(null));
        Assert.Null(new RunOrder("threshold", .5).Problem("k"));
        Assert.Contains("kind", new RunOrder("full").Problem(null), StringComparison.Ordinal);
        Assert.All(new[] { 0, 1, -1, double.NaN }, p =>
            Assert.Contains("target_precision", new RunOrder("training", p).Problem(null), StringComparison.Ordinal));
        Assert.All(new[] { "", new string('k', 201), "a\0" }, key =>
            Assert.Contains("key", new RunOrder("training").Problem(key), StringComparison.Ordinal));
    }

    [Fact]
    public void Ended_OthersAskedToo_AnswersEveryKey()
    {
        var run = SomeRun.Of(state: TrainingRunState.Refused, request: """{"also_asked": ["b", "c"]}""") with
        {
            IdempotencyKey = "a", Message = "worse", ModelId = 7,
        };

        var answers = RunMessages.Ended(run).Cast<TrainingFinished>().ToList();

        Assert.Equal(["a", "b", "c"], answers.Select(a => a.IdempotencyKey));
        Assert.All(answers, a => Assert.Equal(("refused", "worse", 7L), (a.State, a.Message, a.ModelId!.Value)));
    }

    [Fact]
    public void Into_Report_CarriesTheCandidateAndItsRun()
    {
        var kept = KeptCandidate.Of(
            new CandidateOutcome.Made(new TrainingSetFacts("s", "{}"), [1], [0xAB], 8, .75, "{}", "", false, "worse"));

        var report = kept.Into("""{"f1": 0.5}""", Guid.Empty);

        Assert.Contains("\"head_sha256\":\"ab\"", report, StringComparison.Ordinal);
        Assert.Contains("\"passed\":false,\"reason\":\"worse\"", report, StringComparison.Ordinal);
        Assert.Contains("\"f1\":0.5", report, StringComparison.Ordinal);
        Assert.Contains(Guid.Empty.ToString(), report, StringComparison.Ordinal);
    }

    private static PostgresException Sql(string state) => new("message", "ERROR", "ERROR", state);
}
