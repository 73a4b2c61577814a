using System.Net;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Trainings;
using CpfPipeline.Cli.Verbs;
using CpfPipeline.Tests.Unit.Cli.Services;
using CpfPipeline.Tests.Unit.CommandLine;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Trainings;

public sealed class TrainingVerbTests
{
    private const string Running = """
        {"run_id": "11111111-1111-1111-1111-111111111111", "url": "/trainings/11111111-1111-1111-1111-111111111111",
         "kind": "training", "state": "running", "step": "shadow_embed", "progress": 0.25, "eta_seconds": 200,
         "message": "embedded 5 of 20", "model_id": 7, "report_url": null, "steps": []}
        """;

    [Fact]
    public async Task Body_Options_IsWhatTheApiTakes()
    {
        Assert.Equal(new TrainingBody("training", null), await BodyOf("--nightly", "--wait"));
        Assert.Equal(new TrainingBody("training", .99), await BodyOf("--nightly", "--threshold-precision", "0.99"));
        Assert.Equal(new TrainingBody("threshold", .99), await BodyOf("--nightly", "--threshold-only", "--threshold-precision=0.99"));

        static async Task<TrainingBody> BodyOf(params string[] words) =>
            (await BoundSettings.OfAsync<TrainVerb.Settings>(VerbTable.Program.Verbs.Single(v => v.Name == "train"), words)).Body;
    }

    [Theory]
    [InlineData("finished", ExitCode.Done)]
    [InlineData("refused", ExitCode.RefusedByGate)]
    [InlineData("too_little_data", ExitCode.TooLittleData)]
    [InlineData("failed", ExitCode.Infrastructure)]
    [InlineData("cancelled", ExitCode.Infrastructure)]
    internal void Of_EndedRun_HasItsExitCode(string state, ExitCode code) => Assert.Equal(code, RunExit.Of(Run(state)));

    [Theory]
    [InlineData("mine")]
    [InlineData(null)]
    public async Task RunAsync_DatabaseIsAwayAtFirst_AsksAgainWithTheSameKey(string? key)
    {
        var keys = new List<string>();
        using var client = Client((request, _) =>
        {
            keys.Add(request.Headers.GetValues("Idempotency-Key").Single());
            return keys.Count < 2
                ? PlayedService.Json(HttpStatusCode.ServiceUnavailable, "{}") : PlayedService.Json(HttpStatusCode.Accepted, Running);
        });

        var run = await TrainingAsk.RunAsync(client, "/trainings", null, key, TimeProvider.System, CancellationToken.None);

        Assert.Equal("running", run.State);
        Assert.Equal(2, keys.Count);
        Assert.Equal(key ?? keys[0], Assert.Single(keys.Distinct()));
    }

    [Fact]
    public async Task RunAsync_TokenIsWrong_AsksOnce()
    {
        var asked = 0;
        using var client = Client((_, _) =>
        {
            asked++;
            return PlayedService.Json(HttpStatusCode.Unauthorized, "{}");
        });

        await Assert.ThrowsAsync<CommandException>(() =>
            TrainingAsk.RunAsync(client, "/trainings", null, null, TimeProvider.System, CancellationToken.None));

        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task AskAsync_Accepted_SendsKeyAndTriggerAndReadsTheRun()
    {
        string? asked = null;
        using var client = Client((request, body) =>
        {
            asked = $"{request.Method} {request.RequestUri} {body} {request.Headers.GetValues("Idempotency-Key").Single()} "
                + $"{request.Headers.GetValues("X-Cpf-Trigger").Single()}";
            return PlayedService.Json(HttpStatusCode.Accepted, Running);
        });

        var run = await client.AskAsync("/trainings", new TrainingBody("training", null), "k", CancellationToken.None);

        Assert.Equal("""POST http://trainer/trainings {"kind":"training","target_precision":null} k cli""", asked);
        Assert.Equal(("running", "shadow_embed", .25, false), (run.State, run.Step, run.Progress, run.HasEnded));
        Assert.Equal("shadow embed 25 %, embedded 5 of 20, about 3 min left", TrainingDisplay.Describe(run));
    }

    [Theory]
    [InlineData(
        HttpStatusCode.Conflict, """{"detail": "run x is going on", "run_url": "/trainings/x"}""",
        ExitCode.AlreadyRunning, "http://trainer/trainings/x")]
    [InlineData(HttpStatusCode.Conflict, """{"detail": "no model to go back to"}""", ExitCode.Usage, "no model to go back to")]
    [InlineData(HttpStatusCode.NotFound, """{"detail": "there is no model 7"}""", ExitCode.Usage, "no model 7")]
    [InlineData(HttpStatusCode.Unauthorized, """{"detail": "token"}""", ExitCode.Infrastructure, "token")]
    internal async Task AskAsync_Refused_HasItsExitCode(HttpStatusCode status, string body, ExitCode code, string told)
    {
        using var client = Client((_, _) => PlayedService.Json(status, body));

        var e = await Assert.ThrowsAsync<CommandException>(() => client.AskAsync("/models/rollback", null, null, CancellationToken.None));

        Assert.Equal(code, e.ExitCode);
        Assert.Contains(told, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Show_Lines_TellEveryStepOnceAndOthersSeldom()
    {
        using var output = new StringWriter();
        var lines = new TrainingDisplay.Lines(output, TimeProvider.System);
        foreach (var (step, progress) in new[] { ("training", .1), ("training", .2), ("gate", 0.0), ("gate", 1.0) })
        {
            lines.Show(Run("running") with { Step = step, Progress = progress, Message = null });
        }

        lines.Show(Run("finished"));
        Assert.Equal(["training 10 %", "gate 0 %"], output.ToString().Split(output.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    private static RunAnswer Run(string state) =>
        new() { RunId = Guid.Empty, Url = "/x", Kind = "training", State = state, Step = "gate", Progress = 0 };

    private static TrainerClient Client(Func<HttpRequestMessage, string, HttpResponseMessage> answer) =>
        new(PlayedService.Client("Trainer", answer));
}
