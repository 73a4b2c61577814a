using CpfPipeline.Data.Locks;
using CpfPipeline.Hosting.Background;
using CpfPipeline.Hosting.Bus;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Gauges;

/// <summary>
/// Keeps <see cref="PipelineGauges"/> current in one of all Matchers: the one that holds the lock. When its database session ends, another
/// one takes over.
/// </summary>
internal sealed class PipelineGaugeLoop(
    PipelineGauges gauges, NpgsqlDataSource dataSource, IQueueLengths queues, IOptions<MatcherOptions> options, TimeProvider time,
    ILogger<PipelineGaugeLoop> logger)
    : BackgroundLoop("gauges", options.Value.GaugesEvery, time, logger)
{
    private const string LockName = "cpf.gauges";

    // Over a large catalogue the statements take seconds. They may take this share of the time.
    private const int MinPausePerReading = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private KeptLock? _held;
    private TimeSpan _pause = options.Value.GaugesEvery;

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(cancellationToken);
        }
        catch
        {
            await LetGoAsync(); // Perhaps another Matcher can still ask.
            throw;
        }
    }

    protected override Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(_pause, Time, cancellationToken);

    protected override async Task AfterLastStepAsync() => await LetGoAsync();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        _held ??= await KeptLock.TryTakeAsync(dataSource, LockName, cancellationToken);
        if (_held is null)
        {
            return;
        }

        var started = Time.GetTimestamp();
        gauges.Set(await PipelineReadingStore.ReadAsync(_held.Connection, Patience, cancellationToken));
        var least = Time.GetElapsedTime(started) * MinPausePerReading;
        _pause = least > options.Value.GaugesEvery ? least : options.Value.GaugesEvery;
        gauges.Set(await queues.ReadQueueLengthsAsync(cancellationToken));
    }

    private async Task LetGoAsync()
    {
        gauges.Set((PipelineReading?)null);
        gauges.Set((IReadOnlyDictionary<string, uint>?)null);
        if (_held is not null)
        {
            await _held.DisposeAsync();
            _held = null;
        }
    }
}
