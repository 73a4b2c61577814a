using System.Diagnostics.Metrics;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Gauges;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Tests.Integration.Matcher.Gauges;

/// <summary>The gauges of one Matcher of several, with a data source of its own, and what they tell.</summary>
internal sealed class GaugedMatcher : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly CountingTime _time = new();
    private readonly NpgsqlDataSource _dataSource;
    private readonly PipelineGaugeLoop _loop;

    public GaugedMatcher(string connectionString, IReadOnlyDictionary<string, uint> queues)
    {
        _dataSource = NpgsqlDataSource.Create(connectionString);
        _loop = new PipelineGaugeLoop(
            new PipelineGauges(Meters), _dataSource, new KnownQueues(queues),
            Options.Create(new MatcherOptions { GaugesEvery = TimeSpan.FromMilliseconds(100) }), _time,
            NullLogger<PipelineGaugeLoop>.Instance);
    }

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    /// <summary>How often it has looked, and waits until it looks again.</summary>
    public int Looks => _time.Waits;

    public Task StartAsync() => _loop.StartAsync(CancellationToken.None);

    /// <summary>Ends it as a service ends.</summary>
    public Task StopAsync() => _loop.StopAsync(CancellationToken.None);

    /// <summary>All values by name and labels, such as <c>cpf.pipeline.waiting fetch</c>.</summary>
    public IReadOnlyDictionary<string, double> Read()
    {
        var values = new Dictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, Meters))
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => values[NameOf(instrument, labels)] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => values[NameOf(instrument, labels)] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }

    public async ValueTask DisposeAsync()
    {
        await _loop.StopAsync(CancellationToken.None);
        _loop.Dispose();
        await _dataSource.DisposeAsync();
        await _services.DisposeAsync();
    }

    private static string NameOf(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var name = instrument.Name;
        foreach (var label in labels)
        {
            name += $" {label.Value}";
        }

        return name;
    }

    private sealed class CountingTime : TimeProvider
    {
        private int _waits;

        public int Waits => Volatile.Read(ref _waits);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _waits);
            return System.CreateTimer(callback, state, dueTime, period);
        }
    }

    private sealed class KnownQueues(IReadOnlyDictionary<string, uint> queues) : IQueueLengths
    {
        public Task<IReadOnlyDictionary<string, uint>> ReadQueueLengthsAsync(CancellationToken cancellationToken) =>
            Task.FromResult(queues);

        public Task<uint?> ReadQueueLengthAsync(string queue, CancellationToken cancellationToken) =>
            Task.FromResult<uint?>(queues.GetValueOrDefault(queue));
    }
}
