using CpfPipeline.Data.Runs;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Trainer.Jobs;

namespace CpfPipeline.Trainer.Api;

/// <summary>Asks the desk and answers.</summary>
internal sealed class RunAnswers(RunDesk desk, RunReader reader, JobBoard board)
{
    /// <summary>Header that carries the idempotency key.</summary>
    public const string KeyHeader = "Idempotency-Key";

    private const string TriggerHeader = "X-Cpf-Trigger";

    public async Task<IResult> AskAsync(RunOrder order, HttpContext http, CancellationToken cancellationToken)
    {
        var (trigger, key) = AskerOf(http);
        return await AnswerAsync(
            await desk.AskAsync(order with { By = Caller.Of(http).Actor }, trigger, key, cancellationToken), http, cancellationToken);
    }

    /// <summary>What a run records of its request: who asked for it, and the idempotency key.</summary>
    public static (string Trigger, string? Key) AskerOf(HttpContext http) => (
        http.Request.Headers[TriggerHeader] == "cli" ? "cli" : "http",
        http.Request.Headers[KeyHeader] is [{ } given] ? given : null);

    /// <summary>The answer to an order.</summary>
    public async Task<IResult> AnswerAsync(RunAsked asked, HttpContext http, CancellationToken cancellationToken)
    {
        switch (asked)
        {
            case RunAsked.Started started:
                board.Show(started.Run);
                return await RunAsync(started.Run);
            case RunAsked.Known known:
                return await RunAsync(known.Run);
            case RunAsked.GoingOn other:
                return Other(other.Run, $"Run {other.Run.RunId} ({other.Run.Kind}) is going on: wait for it or cancel it, then ask again.");
            case RunAsked.KeyTaken taken:
                return Other(taken.Run, $"{KeyHeader} was used for another request, run {taken.Run.RunId}: choose another one.");
            case RunAsked.Invalid invalid:
                return Problem(invalid.Detail);
            case RunAsked.UnknownModel unknown:
                return Problem(unknown.Detail);
            case RunAsked.Impossible impossible:
                return Problem(impossible.Detail);
            default:
                throw new InvalidOperationException($"There is no answer to {asked}.");
        }

        async Task<IResult> RunAsync(TrainingRun run)
        {
            http.Response.Headers.Location = RunAnswer.UrlOf(run.RunId);
            return Results.Json(await reader.DescribeAsync(run, cancellationToken), statusCode: RunStatus.Of(asked));
        }

        IResult Other(TrainingRun run, string detail)
        {
            http.Response.Headers.Location = RunAnswer.UrlOf(run.RunId);
            return Results.Problem(
                detail, statusCode: RunStatus.Of(asked),
                extensions: new Dictionary<string, object?> { ["run_id"] = run.RunId, ["run_url"] = RunAnswer.UrlOf(run.RunId) });
        }

        IResult Problem(string detail) => Results.Problem(detail, statusCode: RunStatus.Of(asked));
    }
}
