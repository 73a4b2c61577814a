using System.Net;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Services;

/// <summary>Asks services for their health.</summary>
internal sealed class HealthClient : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(8) };

    /// <param name="installation">Whose key is sent. Before it has one, services tell nothing.</param>
    public HealthClient(Installation installation) =>
        _client.DefaultRequestHeaders.Authorization = installation.State.LocalKey is { } key ? new("Bearer", key) : null;

    /// <summary><see cref="HealthReport.None"/> when the service does not answer.</summary>
    public async Task<HealthReport> ReadAsync(Uri service, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(new Uri(service, "/health"), cancellationToken);
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            {
                return HealthReport.None with { Problems = ["refuses this checkout's key: infra/cpf up makes another"] };
            }

            return HealthReport.Parse(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception e) when (
            e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return HealthReport.None;
        }
    }

    public void Dispose() => _client.Dispose();
}
