using CpfPipeline.Cli.Local;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Schema;
using Npgsql;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Runs feeds against the services of an installation, with progress on the console.</summary>
internal sealed class FeedSession : IAsyncDisposable
{
    private readonly HealthClient _health = new();

    public FeedSession(Installation installation)
    {
        Installation = installation;
        DataSource = PostgresDataSource.Create(installation.PostgresService, "cpf");
        Client = ClientOf(installation);
    }

    public Installation Installation { get; }

    public NpgsqlDataSource DataSource { get; }

    public PipelineClient Client { get; }

    public static PipelineClient ClientOf(Installation installation) => new(installation.OperatorClient("Ingest"), installation.OperatorClient("Matcher"));

    /// <exception cref="CommandException">See <see cref="FeedRun.RunAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Waiting was cancelled; what goes on was told.</exception>
    public async Task<RunOutcome> RunAsync(IReadOnlyList<FeedRequest> requests, CancellationToken cancellationToken)
    {
        var watch = new ServiceWatch(async (service, token) => (await _health.ReadAsync(Installation.Url(service), token)) != HealthReport.None, TimeProvider.System);
        FeedRun? run = null;
        try
        {
            return await RunDisplay.RunAsync(display =>
            {
                run = new FeedRun(Client, new FeedStore(DataSource), new FeedProgressStore(DataSource), watch, display, TimeProvider.System);
                return run.RunAsync(requests, cancellationToken);
            });
        }
        catch (OperationCanceledException) when (run is { Accepted.Count: > 0 })
        {
            await Console.Error.WriteLineAsync(
                $"cpf: stopped waiting; the services go on with feed {string.Join(", ", run.Accepted)}: infra/cpf status shows what is left, "
                + $"{Installation.Url("Ingest")}feeds/{run.Accepted[0]} the feed");
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _health.Dispose();
        await DataSource.DisposeAsync();
    }
}
