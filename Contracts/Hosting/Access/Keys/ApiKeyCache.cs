using System.Collections.Concurrent;
using CpfPipeline.Data.Access;
using CpfPipeline.Data.Outages;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Hosting.Access.Keys;

/// <summary>
/// Remembers keys for three seconds, so that a revoked one opens nothing after five. While the database cannot be asked, a key that this
/// process knew is taken for some minutes more, to look only: somebody must be able to ask what is broken.
/// </summary>
public sealed class ApiKeyCache(ApiKeyStore store, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Usable = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<ApiKey?>>> _reading = new(StringComparer.Ordinal);

    /// <summary>Whether a key with this id was found before. An unknown one costs a look into the database.</summary>
    public bool Knows(string keyId) => _held.ContainsKey(keyId);

    /// <summary>A key by its public id, valid or not; null when there is none.</summary>
    public async ValueTask<ApiKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (_held.TryGetValue(keyId, out var held) && time.GetElapsedTime(held.At) < Fresh)
        {
            return held.Key;
        }

        try
        {
            // Of many requests with one key, one looks.
            var reading = _reading.GetOrAdd(keyId, id => new Lazy<Task<ApiKey?>>(() => ReadAsync(id)));
            return await reading.Value.WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception e) when (held is not null && Outage.IsOne(e) && time.GetElapsedTime(held.At) < Usable)
        {
            return held.Key with
            {
                Roles = [.. held.Key.Roles.Where(r => r == AccessRole.Read)], IsRemembered = true,
            };
        }
    }

    /// <summary>Notes in the database that a key is used, every ten minutes.</summary>
    public async ValueTask NoteUseAsync(ApiKey key, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now - key.LastUsedAt < ApiKeyStore.UseInterval || !_held.TryGetValue(key.KeyId, out var held)
            || now - held.Key.LastUsedAt < ApiKeyStore.UseInterval)
        {
            return;
        }

        _held.TryUpdate(key.KeyId, held with { Key = held.Key with { LastUsedAt = now } }, held);
        try
        {
            await store.NoteUseAsync(key.KeyId, now, cancellationToken);
        }
        catch (Exception e) when (Outage.IsOne(e))
        {
            // The next one will be noted. This request may be the one that asks what is broken.
        }
    }

    private async Task<ApiKey?> ReadAsync(string keyId)
    {
        try
        {
            var at = time.GetTimestamp();
            var key = await store.FindAsync(keyId, CancellationToken.None);
            if (key is null)
            {
                _held.TryRemove(keyId, out _); // What somebody made up is not kept.
            }
            else
            {
                _held[keyId] = new Held(key, at);
            }

            return key;
        }
        finally
        {
            _reading.TryRemove(keyId, out _);
        }
    }

    private sealed record Held(ApiKey Key, long At);
}
