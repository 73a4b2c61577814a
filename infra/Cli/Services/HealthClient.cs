namespace CpfPipeline.Cli.Services;

/// <summary>Asks services for their health.</summary>
internal sealed class HealthClient : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(8) };

    /// <summary><see cref="HealthReport.None"/> when the service does not answer.</summary>
    public async Task<HealthReport> ReadAsync(Uri service, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(new Uri(service, "/health"), cancellationToken);
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
