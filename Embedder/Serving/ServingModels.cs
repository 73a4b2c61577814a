using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Embedder.Devices;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Embedder.Serving;

/// <summary>
/// The models that serve, loaded. Switches without a restart: <see cref="ReloadAsync"/> loads what is new, and what is no longer used
/// is disposed when the last batch that uses it is done.
/// </summary>
internal sealed class ServingModels(
    ModelStore store, IBlobStore blobs, BackboneOpener backbones, TimeProvider time, ILogger<ServingModels> logger) : IDisposable
{
    private static readonly TimeSpan NoModelPause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _reload = new(1, 1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SharedSession<ServedBackbone>> _backbones = [];
    private readonly Dictionary<string, SharedSession<HeadSession>> _heads = [];
    private ServingSet? _current;
    private int? _registered;

    /// <summary>What serves now; empty before the first model is loaded.</summary>
    public IReadOnlyList<ServingModel> Current => _current?.Models ?? [];

    /// <summary>Why nothing serves although it should, or null.</summary>
    public string? WhyEmpty => Current.Count > 0 || _registered == 0 ? null
        : _registered is null ? "which models serve was not looked up yet"
        : "the active model is not loaded";

    /// <summary>What runs the backbones; null before the first model is loaded.</summary>
    public ExecutionProvider? Provider => Serving.FirstOrDefault()?.Provider;

    /// <summary>The devices of the serving backbones; empty on a CPU.</summary>
    public IReadOnlyList<DeviceReport> Devices => [.. Serving.SelectMany(b => b.Report())];

    /// <summary>
    /// The serving models. Before the first one is registered this waits, for as long as it takes: a picture without a model is not an
    /// error, and a message is better kept in its queue than moved to an error queue.
    /// </summary>
    public async Task<ServingLease> AcquireAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryLease() is { } lease)
            {
                return lease;
            }

            await ReloadAsync(cancellationToken);
            if (TryLease() is { } loaded)
            {
                return loaded;
            }

            await Task.Delay(NoModelPause, time, cancellationToken);
        }
    }

    /// <summary>Looks up which models serve, and loads those that are new.</summary>
    /// <exception cref="BlobMissingException">A model's file is not in the blob store.</exception>
    /// <exception cref="ModelFileException">A model's file cannot be used.</exception>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await _reload.WaitAsync(cancellationToken);
        try
        {
            var models = await store.GetServingAsync(cancellationToken);
            _registered = models.Count;
            if (models.Select(Identity).SequenceEqual(Current.Select(Identity)))
            {
                return;
            }

            var next = models.Count == 0 ? null : await LoadAsync(models, cancellationToken);
            Replace(next);
        }
        finally
        {
            _reload.Release();
        }
    }

    public void Dispose()
    {
        Replace(null);
        _reload.Dispose();
    }

    private IEnumerable<ServedBackbone> Serving => _current?.Backbones.Values.Select(b => b.Session) ?? [];

    private static (long ModelId, string State) Identity(ServingModel model) => (model.ModelId, model.State);

    private ServingLease? TryLease()
    {
        lock (_gate)
        {
            if (_current is not { } set)
            {
                return null;
            }

            set.Users++;
            return new ServingLease(
                set.Models,
                set.Backbones.ToDictionary(b => b.Key, b => b.Value.Session),
                set.Heads.ToDictionary(h => h.Key, h => h.Value.Session),
                () => Release(set));
        }
    }

    private async Task<ServingSet> LoadAsync(IReadOnlyList<ServingModel> models, CancellationToken cancellationToken)
    {
        var set = new ServingSet(models);
        try
        {
            foreach (var model in models)
            {
                if (!set.Backbones.ContainsKey(model.BackboneId))
                {
                    set.Backbones[model.BackboneId] = await ShareAsync(
                        _backbones, model.BackboneSha256, bytes => OpenBackbone(model, bytes), cancellationToken);
                }

                if (!set.Heads.ContainsKey(model.HeadId))
                {
                    set.Heads[model.HeadId] = await ShareAsync(
                        _heads, model.HeadSha256, bytes => OpenHead(model, bytes), cancellationToken);
                }

                Log.ModelLoaded(logger, model.ModelId, model.State, model.HeadId, model.BackboneId, model.FeatureDim, model.EmbeddingDim);
            }

            return set;
        }
        catch
        {
            Release(set);
            throw;
        }
    }

    // Only one reload runs at a time, so no other one opens the same file.
    private async Task<SharedSession<T>> ShareAsync<T>(
        Dictionary<string, SharedSession<T>> cache, byte[] sha256, Func<byte[], T> open, CancellationToken cancellationToken)
        where T : class, IDisposable
    {
        var key = Convert.ToHexStringLower(sha256);
        lock (_gate)
        {
            if (cache.TryGetValue(key, out var known))
            {
                known.AddUser();
                return known;
            }
        }

        var bytes = await blobs.ReadAsync(sha256, cancellationToken);
        var shared = new SharedSession<T>(open(bytes));
        lock (_gate)
        {
            shared.AddUser();
            cache.Add(key, shared);
        }

        return shared;
    }

    private ServedBackbone OpenBackbone(ServingModel model, byte[] bytes)
    {
        var file = BackboneFile.Load(bytes, $"the backbone of model {model.ModelId}");
        if (file.Spec.FeatureDim != model.FeatureDim)
        {
            throw new ModelFileException(
                $"the backbone of model {model.ModelId} gives {file.Spec.FeatureDim} values, registered are {model.FeatureDim}");
        }

        return backbones.Open(file, model.BackboneId);
    }

    private HeadSession OpenHead(ServingModel model, byte[] bytes)
    {
        var file = HeadFile.Load(bytes, $"the head of model {model.ModelId}");
        if (file.Spec.FeatureDim != model.FeatureDim || file.Spec.EmbeddingDim != model.EmbeddingDim)
        {
            throw new ModelFileException(
                $"the head of model {model.ModelId} takes {file.Spec.FeatureDim} and gives {file.Spec.EmbeddingDim} values, "
                + $"registered are {model.FeatureDim} and {model.EmbeddingDim}");
        }

        return new HeadSession(file, new SessionSettings());
    }

    private void Replace(ServingSet? next)
    {
        ServingSet? before;
        lock (_gate)
        {
            (before, _current) = (_current, next);
        }

        if (before is not null)
        {
            Release(before);
        }
    }

    // A backbone on a device ends with its last pictures. Callers that want the lock must not wait for them.
    private void Release(ServingSet set)
    {
        List<IDisposable> unused;
        lock (_gate)
        {
            if (--set.Users > 0)
            {
                return;
            }

            unused = [.. Remove(_backbones, set.Backbones.Values), .. Remove(_heads, set.Heads.Values)];
        }

        unused.ForEach(session => session.Dispose());
    }

    private static IEnumerable<IDisposable> Remove<T>(
        Dictionary<string, SharedSession<T>> cache, IEnumerable<SharedSession<T>> sessions)
        where T : class, IDisposable
    {
        foreach (var session in sessions)
        {
            if (session.RemoveUser())
            {
                cache.Remove(cache.First(entry => ReferenceEquals(entry.Value, session)).Key);
                yield return session.Session;
            }
        }
    }

    /// <summary>Models with the sessions they need; used by this cache itself while current, and by every lease.</summary>
    private sealed class ServingSet(IReadOnlyList<ServingModel> models)
    {
        public IReadOnlyList<ServingModel> Models => models;

        public Dictionary<long, SharedSession<ServedBackbone>> Backbones { get; } = [];

        public Dictionary<long, SharedSession<HeadSession>> Heads { get; } = [];

        public int Users { get; set; } = 1;
    }
}
