using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Progress;
using CpfPipeline.Cli.Reconciling;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Schema;
using Npgsql;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Runs feeds against the services of an installation, with progress on the console.</summary>
internal sealed class SubmitSession : IAsyncDisposable
{
    private readonly HealthClient _health = new();
    private readonly ServiceClient _ingest;
    private readonly ServiceClient _matcher;

    public SubmitSession(Installation installation)
    {
        Installation = installation;
        DataSource = PostgresDataSource.Create(installation.PostgresService, "cpf");
        _ingest = ServiceClient.Of(installation, "Ingest");
        _matcher = ServiceClient.Of(installation, "Matcher");
    }

    public Installation Installation { get; }

    public NpgsqlDataSource DataSource { get; }

    /// <exception cref="CommandException">See <see cref="SubmitRun.RunAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Waiting was cancelled; what goes on was told.</exception>
    public async Task<SubmitOutcome> RunAsync(IReadOnlyList<FeedBody> requests, CancellationToken cancellationToken)
    {
        var watch = ServiceWatch.Of(Installation, _health);
        SubmitRun? run = null;
        try
        {
            return await SubmitDisplay.RunAsync(display =>
            {
                run = new SubmitRun(
                    new FeedClient(_ingest), new ReconcileClient(_matcher), new FeedStore(DataSource), new FeedOutcomeStore(DataSource),
                    new ImageProgressStore(DataSource), watch, display, TimeProvider.System);
                return run.RunAsync(requests, cancellationToken);
            });
        }
        catch (OperationCanceledException) when (run is { Accepted.Count: > 0 })
        {
            await Console.Error.WriteLineAsync(
                $"cpf: stopped waiting; the services go on with feed {string.Join(", ", run.Accepted)}. "
                + $"infra/cpf status shows what is left; {Installation.Url("Ingest")}feeds/{run.Accepted[0]} shows the feed");
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ingest.Dispose();
        _matcher.Dispose();
        _health.Dispose();
        await DataSource.DisposeAsync();
    }
}
