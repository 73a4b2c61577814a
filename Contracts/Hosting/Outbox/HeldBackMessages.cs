using System.Collections.Concurrent;
using CpfPipeline.Hosting.Health;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting.Outbox;

/// <summary>
/// Messages of the outbox that this build cannot publish, because a newer one wrote them: counts by type as of the last sweep,
/// <c>outbox_held_back</c> in <c>GET /health</c>.
/// </summary>
internal sealed class HeldBackMessages(ILogger<HeldBackMessages> logger) : IHealthDetail
{
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);
    private volatile IReadOnlyDictionary<string, long> _counts = new Dictionary<string, long>();

    public string Name => "outbox_held_back";

    public ValueTask<object?> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult<object?>(_counts);

    /// <summary>Replaces the counts; logs a type when it is seen for the first time.</summary>
    public void Set(IReadOnlyDictionary<string, long> counts)
    {
        _counts = counts;
        foreach (var (type, count) in counts.Where(c => _told.TryAdd(c.Key, true)))
        {
            Log.HeldBack(logger, count, type);
        }
    }
}
