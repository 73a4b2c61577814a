using System.Net;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Trainings;

/// <summary>The Trainer's HTTP API.</summary>
internal sealed class TrainerClient(ServiceClient trainer) : IDisposable
{
    public static TrainerClient Of(Installation installation) => new(ServiceClient.Of(installation, "Trainer"));

    /// <summary>Asks for a run.</summary>
    /// <param name="path"><c>/trainings</c>, <c>/models/ID/activate</c>, <c>/models/rollback</c> or <c>/models</c>.</param>
    /// <param name="body">What is asked for, null, or an <see cref="HttpContent"/> that is sent as it is.</param>
    /// <param name="idempotencyKey">Asking again with it gives the same run.</param>
    /// <param name="cancellationToken">Cancels; the run may have begun.</param>
    /// <exception cref="CommandException">The Trainer does not answer (3), another run is going on (6), or it refuses (2).</exception>
    public async Task<RunAnswer> AskAsync(string path, object? body, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string> { ["X-Cpf-Trigger"] = "cli" };
        if (idempotencyKey is not null)
        {
            headers["Idempotency-Key"] = idempotencyKey;
        }

        var answer = await trainer.SendAsync(HttpMethod.Post, path, body, headers, cancellationToken);
        return answer.Status == HttpStatusCode.Conflict && answer.Field("run_url") is { } other
            ? throw new CommandException(ExitCode.AlreadyRunning, $"{answer.Reason()} ({trainer.AddressOf(other)})")
            : answer.ThrowUnlessGood().Read<RunAnswer>($"POST {path}");
    }

    /// <summary>How far a run is.</summary>
    /// <exception cref="CommandException">The Trainer does not answer.</exception>
    public Task<RunAnswer> FindAsync(Guid runId, CancellationToken cancellationToken) =>
        trainer.GetAsync<RunAnswer>($"/trainings/{runId}", cancellationToken);

    /// <summary>Writes a file of a model into a stream.</summary>
    /// <returns>Its SHA-256 in hex.</returns>
    /// <exception cref="CommandException">The Trainer does not answer, or has no such file.</exception>
    public Task<string?> DownloadAsync(long modelId, string file, Stream target, CancellationToken cancellationToken) =>
        trainer.DownloadAsync($"/models/{modelId}/files/{file}", target, cancellationToken);

    /// <summary>Every model there was, the newest first.</summary>
    /// <exception cref="CommandException">The Trainer does not answer.</exception>
    public async Task<IReadOnlyList<ModelAnswer>> ReadModelsAsync(CancellationToken cancellationToken) =>
        await trainer.GetAsync<List<ModelAnswer>>("/models", cancellationToken);

    /// <summary>The models as the Trainer answers them.</summary>
    /// <exception cref="CommandException">The Trainer does not answer.</exception>
    public Task<string> ReadModelsJsonAsync(CancellationToken cancellationToken) =>
        trainer.SendAsync(HttpMethod.Get, "/models", null, cancellationToken);

    /// <summary>A path of the Trainer as an address for a browser.</summary>
    public Uri AddressOf(string path) => trainer.AddressOf(path);

    public void Dispose() => trainer.Dispose();
}
