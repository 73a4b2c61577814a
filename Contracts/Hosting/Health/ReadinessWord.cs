using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CpfPipeline.Hosting.Health;

/// <summary>
/// <c>ready</c> or <c>not ready</c>, for everybody. Looked at once a second at most, so that asking often costs the servers nothing.
/// </summary>
internal sealed class ReadinessWord(IServiceProvider services)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<HealthReading>? _reading;
    private long _at;

    public async Task<IResult> HandleAsync()
    {
        var health = await ReadAsync();
        return Results.Text(health.Problems.Count == 0 ? "ready" : "not ready", statusCode: health.StatusCode);
    }

    private Task<HealthReading> ReadAsync()
    {
        var time = services.GetRequiredService<TimeProvider>();
        lock (_gate)
        {
            if (_reading is null || (_reading.IsCompleted && time.GetElapsedTime(_at) >= Kept))
            {
                // Not of one request: others wait for it, too. It has a time limit of its own.
                _reading = HealthReading.ReadAsync(services, readsQueues: false, CancellationToken.None);
                _at = time.GetTimestamp();
            }

            return _reading;
        }
    }
}
