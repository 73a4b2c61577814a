using System.Text;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Tests.Unit.Trainer.Nights.Runs;
using CpfPipeline.Trainer.Api;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Api;

public sealed class RunStatusTests
{
    [Fact]
    public void Of_EveryOutcome_HasItsStatus()
    {
        var (running, ended) = (SomeRun.Of(), SomeRun.Of(state: TrainingRunState.Refused));
        (RunAsked Asked, int Status)[] cases =
        [
            (new RunAsked.Started(running), 202), (new RunAsked.Known(running), 202), (new RunAsked.Known(ended), 200),
            (new RunAsked.GoingOn(running), 409),
            (new RunAsked.KeyTaken(ended), 422), (new RunAsked.Invalid(""), 400), (new RunAsked.UnknownModel(""), 404),
            (new RunAsked.Impossible(""), 409),
        ];

        Assert.All(cases, c => Assert.Equal(c.Status, RunStatus.Of(c.Asked)));
    }

    [Theory]
    [InlineData("", "training", null)]
    [InlineData("{}", "training", null)]
    [InlineData("""{"kind": "threshold", "target_precision": 0.99}""", "threshold", .99)]
    [InlineData("""{"kind": null, "target_precision": null}""", "training", null)]
    internal void Parse_GoodBody_IsTheOrder(string body, string kind, double? precision) =>
        Assert.Equal((new RunOrder(kind, precision), null), TrainingOrder.Parse(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("""{"kind": "activation"}""", "kind")]
    [InlineData("""{"target_precision": "0.9"}""", "target_precision")]
    [InlineData("""{"model_id": 5}""", "model_id")]
    [InlineData("5", "object")]
    [InlineData("{", "JSON")]
    public void Parse_BadBody_NamesTheField(string body, string named) =>
        Assert.Contains(named, TrainingOrder.Parse(Encoding.UTF8.GetBytes(body)).Problem, StringComparison.Ordinal);
}
