using System.Collections.Concurrent;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Hosting.Background;
using MassTransit;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Matcher.Contents;

/// <summary>
/// Renditions for whoever looks. Makes none: a missing one is asked of the Embedder over the bus, once however many wait for it, and
/// waited for. One that was not made in time is not asked for again for a while, so that a page full of them does not wait for each.
/// </summary>
internal sealed class RenditionRequests(IBlobStore blobs, IBus bus, IOptions<MatcherOptions> options, TimeProvider time)
{
    /// <summary>For how long one that was not made in time counts as not there.</summary>
    internal static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    /// <summary>How many are remembered as not made; further ones are asked for again at once.</summary>
    internal const int MaxRemembered = 10_000;

    private readonly TimeSpan _maxWait = options.Value.MaxPictureWait;
    private readonly ConcurrentDictionary<(long ContentId, string Rendition), Lazy<Task>> _waiting = new();

    // When each was given up.
    private readonly ConcurrentDictionary<(long ContentId, string Rendition), DateTimeOffset> _notMade = new();

    /// <summary>Opens a rendition, made if need be.</summary>
    /// <param name="content">Of which content.</param>
    /// <param name="rendition">See <see cref="Vocabulary.Rendition"/>.</param>
    /// <param name="cancellationToken">Cancels; others go on waiting.</param>
    /// <returns>
    /// Null when it was not made within <see cref="MatcherOptions.MaxPictureWait"/>, or was given up within the last <see cref="Rest"/>.
    /// </returns>
    public async Task<Stream?> OpenAsync(ShownContent content, string rendition, CancellationToken cancellationToken)
    {
        if (await blobs.OpenAsync(content.Sha256, rendition, cancellationToken) is { } made)
        {
            return made;
        }

        var key = (content.ContentId, rendition);
        if (_notMade.TryGetValue(key, out var at) && time.GetUtcNow() - at < Rest)
        {
            return null;
        }

        await _waiting.GetOrAdd(key, _ => new Lazy<Task>(() => AskAsync(content, rendition))).Value.WaitAsync(cancellationToken);
        return await blobs.OpenAsync(content.Sha256, rendition, cancellationToken);
    }

    private async Task AskAsync(ShownContent content, string rendition)
    {
        using var limit = new CancellationTokenSource(_maxWait, time);
        try
        {
            await bus.Publish(
                new MakeRenditions { ContentIds = [content.ContentId], Rendition = rendition },
                context => context.TimeToLive = _maxWait, limit.Token);
            await using var made = await Polling.UntilFoundAsync(
                cancellation => blobs.OpenAsync(content.Sha256, rendition, cancellation), time, limit.Token);
            _notMade.TryRemove((content.ContentId, rendition), out _);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            Remember((content.ContentId, rendition)); // The callers find nothing and say so.
        }
        finally
        {
            _waiting.TryRemove((content.ContentId, rendition), out _);
        }
    }

    private void Remember((long ContentId, string Rendition) key)
    {
        var now = time.GetUtcNow();
        if (_notMade.Count >= MaxRemembered)
        {
            foreach (var old in _notMade.Where(n => now - n.Value >= Rest))
            {
                _notMade.TryRemove(old);
            }
        }

        if (_notMade.Count < MaxRemembered)
        {
            _notMade[key] = now;
        }
    }
}
