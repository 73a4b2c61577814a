using System.Collections.Concurrent;
using CpfPipeline.Hosting.Health;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting.Outbox;

/// <summary>
/// Messages of the outbox that the broker refuses, because a subscriber's bounded queue is full or because they are too large: counts by
/// type as of the last sweep, <c>outbox_refused</c> in <c>GET /health</c>.
/// </summary>
internal sealed class RefusedMessages(ILogger<RefusedMessages> logger) : IHealthDetail
{
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);
    private volatile IReadOnlyDictionary<string, long> _counts = new Dictionary<string, long>();

    public string Name => "outbox_refused";

    public ValueTask<object?> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult<object?>(_counts);

    /// <summary>Replaces the counts; logs a type once, until none of it is refused any more.</summary>
    /// <param name="counts">Messages by type.</param>
    /// <param name="reasons">What the broker said of a type in the last sweep.</param>
    public void Set(IReadOnlyDictionary<string, long> counts, IReadOnlyDictionary<string, string> reasons)
    {
        _counts = counts;
        foreach (var type in _told.Keys.Where(type => !counts.ContainsKey(type)))
        {
            _told.TryRemove(type, out _);
        }

        foreach (var (type, reason) in reasons.Where(r => counts.ContainsKey(r.Key) && _told.TryAdd(r.Key, true)))
        {
            Log.Refused(logger, counts[type], type, reason);
        }
    }
}
