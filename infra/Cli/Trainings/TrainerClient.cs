using System.Net;
using CpfPipeline.Cli.Feeds;

namespace CpfPipeline.Cli.Trainings;

/// <summary>The Trainer's HTTP API.</summary>
/// <param name="trainer">Carries the base address and the operator's token.</param>
internal sealed class TrainerClient(HttpClient trainer) : IDisposable
{
    private const string Name = "Trainer";

    /// <summary>Asks for a run.</summary>
    /// <param name="path"><c>/trainings</c>, <c>/models/ID/activate</c> or <c>/models/rollback</c>.</param>
    /// <param name="body">What is asked for, or null.</param>
    /// <param name="idempotencyKey">Asking again with it gives the same run.</param>
    /// <param name="cancellationToken">Cancels; the run may have begun.</param>
    /// <exception cref="CommandException">The Trainer does not answer (3), another run is going on (6), or it refuses (2).</exception>
    public async Task<TrainingRun> AskAsync(string path, object? body, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string> { ["X-Cpf-Trigger"] = "cli" };
        if (idempotencyKey is not null)
        {
            headers["Idempotency-Key"] = idempotencyKey;
        }

        var answer = await ServiceAnswer.SendAsync(Name, trainer, HttpMethod.Post, path, body, headers, cancellationToken);
        return answer.Status == HttpStatusCode.Conflict && answer.Field("run_url") is { } other
            ? throw new CommandException(ExitCode.AlreadyRunning, $"{answer.Reason()} ({new Uri(trainer.BaseAddress!, other)})")
            : ServiceAnswer.Read<TrainingRun>(Name, $"POST {path}", answer.ThrowUnlessGood().Text);
    }

    /// <summary>How far a run is.</summary>
    /// <exception cref="CommandException">The Trainer does not answer.</exception>
    public async Task<TrainingRun> FindAsync(Guid runId, CancellationToken cancellationToken) => await GetAsync<TrainingRun>($"/trainings/{runId}", cancellationToken);

    /// <summary>Every model there was, the newest first.</summary>
    /// <exception cref="CommandException">The Trainer does not answer.</exception>
    public async Task<IReadOnlyList<ListedModel>> ReadModelsAsync(CancellationToken cancellationToken) => await GetAsync<List<ListedModel>>("/models", cancellationToken);

    /// <summary>The models as the Trainer answers them.</summary>
    /// <exception cref="CommandException">The Trainer does not answer.</exception>
    public async Task<string> ReadModelsJsonAsync(CancellationToken cancellationToken) =>
        (await ServiceAnswer.SendAsync(Name, trainer, HttpMethod.Get, "/models", null, null, cancellationToken)).ThrowUnlessGood().Text;

    /// <summary>A path of the Trainer as an address for a browser.</summary>
    public Uri AddressOf(string path) => new(trainer.BaseAddress!, path);

    public void Dispose() => trainer.Dispose();

    private async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) => ServiceAnswer.Read<T>(
        Name, $"GET {path}", (await ServiceAnswer.SendAsync(Name, trainer, HttpMethod.Get, path, null, null, cancellationToken)).ThrowUnlessGood().Text);
}
