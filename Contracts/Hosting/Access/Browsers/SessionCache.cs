using System.Collections.Concurrent;
using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Outages;

namespace CpfPipeline.Hosting.Access.Browsers;

/// <summary>
/// Remembers open sessions for three seconds, so that one that was ended opens nothing after five. While the database cannot be asked, one
/// that this process knew is taken for some minutes more, to look only.
/// </summary>
public sealed class SessionCache(BrowserSessionStore store, TimeProvider time)
{
    private const int MaxHeld = 10_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Usable = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, long> _openAt = new(StringComparer.Ordinal);

    /// <summary>Whether a session goes on, and whether that is only remembered.</summary>
    /// <param name="session">What a cookie that we signed holds of it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<(bool IsOpen, bool IsRemembered)> FindAsync(string session, CancellationToken cancellationToken)
    {
        var isKnown = _openAt.TryGetValue(session, out var openAt);
        if (isKnown && time.GetElapsedTime(openAt) < Fresh)
        {
            return (true, false);
        }

        try
        {
            var at = time.GetTimestamp();
            var isOpen = await store.IsOpenAsync(session, cancellationToken);
            Remember(session, isOpen ? at : null);
            return (isOpen, false);
        }
        catch (Exception e) when (isKnown && Outage.IsOne(e) && time.GetElapsedTime(openAt) < Usable)
        {
            return (true, true);
        }
    }

    /// <summary>Ends a session: here at once, elsewhere within five seconds.</summary>
    public async Task EndAsync(string session, CancellationToken cancellationToken)
    {
        Remember(session, null);
        await store.EndAsync(session, cancellationToken);
    }

    private void Remember(string session, long? openAt)
    {
        if (openAt is not { } at)
        {
            _openAt.TryRemove(session, out _);
            return;
        }

        if (_openAt.Count >= MaxHeld)
        {
            _openAt.Clear(); // They are asked for again.
        }

        _openAt[session] = at;
    }
}
