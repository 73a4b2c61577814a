using Microsoft.Extensions.DependencyInjection;

namespace CpfPipeline.Hosting.Health;

/// <summary>A service's health, looked at once a second at most, whoever asks: a look costs its servers dozens of questions.</summary>
internal sealed class SharedReading(IServiceProvider services)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<HealthReading>? _reading;
    private long _at;

    /// <summary>The health now, or within the last second.</summary>
    public Task<HealthReading> ReadAsync()
    {
        var time = services.GetRequiredService<TimeProvider>();
        lock (_gate)
        {
            if (_reading is null || (_reading.IsCompleted && time.GetElapsedTime(_at) >= Kept))
            {
                // Not of one request: others wait for it, too. It has a time limit of its own.
                _reading = HealthReading.ReadAsync(services, CancellationToken.None);
                _at = time.GetTimestamp();
            }

            return _reading;
        }
    }
}
