using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Progress;
using CpfPipeline.Cli.Reconciling;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Schema;
using Npgsql;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Hands in feeds and pictures to the services of an installation, with progress on the console.</summary>
internal sealed class SubmitSession : IAsyncDisposable
{
    private readonly HealthClient _health;
    private readonly ServiceClient _matcher;
    private readonly FeedOutcomeStore _outcomes;

    public SubmitSession(Installation installation)
    {
        Installation = installation;
        _health = new HealthClient(installation);
        DataSource = PostgresDataSource.Create(installation.PostgresService, "cpf");
        Ingest = ServiceClient.Of(installation, "Ingest");
        _matcher = ServiceClient.Of(installation, "Matcher");
        _outcomes = new FeedOutcomeStore(DataSource);
    }

    public Installation Installation { get; }

    public NpgsqlDataSource DataSource { get; }

    public ServiceClient Ingest { get; }

    /// <exception cref="CommandException">See <see cref="SubmitRun.RunAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Waiting was cancelled; what goes on was told.</exception>
    public async Task<SubmitOutcome> RunAsync(IReadOnlyList<FeedBody> requests, CancellationToken cancellationToken)
    {
        SubmitRun? run = null;
        try
        {
            return await SubmitDisplay.RunAsync(display =>
            {
                run = new SubmitRun(new FeedClient(Ingest), new FeedStore(DataSource), _outcomes, Settling(display), TimeProvider.System);
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

    /// <summary>Waits until the groups of a source are up to date with what was submitted or retracted by other ways.</summary>
    public Task SettleAsync(string source, CancellationToken cancellationToken) => SubmitDisplay.RunAsync(
        display => Settling(display).WaitAsync([source], _ => Task.FromResult<IReadOnlyList<Feed>>([]), cancellationToken));

    /// <summary>Writes every rejected input of a feed.</summary>
    public Task WriteRejectionsAsync(RejectionsFile file, long feedId, CancellationToken cancellationToken) =>
        file.WriteAsync(_outcomes.ListRejectionsAsync(feedId, limit: null, cancellationToken), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Ingest.Dispose();
        _matcher.Dispose();
        _health.Dispose();
        await DataSource.DisposeAsync();
    }

    private ImageSettling Settling(ISubmitDisplay display) => new(
        new ReconcileClient(_matcher), new ImageProgressStore(DataSource), ServiceWatch.Of(Installation, _health), display,
        TimeProvider.System);
}
