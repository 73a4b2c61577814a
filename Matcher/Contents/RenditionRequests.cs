using System.Collections.Concurrent;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using MassTransit;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Matcher.Contents;

/// <summary>
/// Renditions for whoever looks. Makes none: a missing one is asked of the Embedder over the bus, once however many wait for it, and
/// waited for.
/// </summary>
internal sealed class RenditionRequests(IBlobStore blobs, IBus bus, IOptions<MatcherOptions> options, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private readonly TimeSpan _maxWait = options.Value.MaxPictureWait;
    private readonly ConcurrentDictionary<(long ContentId, string Rendition), Lazy<Task>> _waiting = new();

    /// <summary>Opens a rendition, made if need be.</summary>
    /// <param name="content">Of which content.</param>
    /// <param name="rendition">See <see cref="Vocabulary.Rendition"/>.</param>
    /// <param name="cancellationToken">Cancels; others go on waiting.</param>
    /// <returns>Null when it was not made within <see cref="MatcherOptions.MaxPictureWait"/>.</returns>
    public async Task<Stream?> OpenAsync(ShownContent content, string rendition, CancellationToken cancellationToken)
    {
        if (await blobs.OpenAsync(content.Sha256, rendition, cancellationToken) is { } made)
        {
            return made;
        }

        var key = (content.ContentId, rendition);
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
            for (var pause = FirstPause; !await IsMadeAsync(content, rendition, limit.Token); pause *= 1.5)
            {
                await Task.Delay(pause < LongestPause ? pause : LongestPause, time, limit.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Not in time: the callers find nothing and say so.
        }
        finally
        {
            _waiting.TryRemove((content.ContentId, rendition), out _);
        }
    }

    private async Task<bool> IsMadeAsync(ShownContent content, string rendition, CancellationToken cancellationToken)
    {
        await using var made = await blobs.OpenAsync(content.Sha256, rendition, cancellationToken);
        return made is not null;
    }
}
