using CpfPipeline.Data.Models;
using CpfPipeline.Embedder.Devices;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Embedder.Serving;

/// <summary>The serving models with their sessions, kept alive until disposed, even when another model becomes active.</summary>
internal sealed class ServingLease(
    IReadOnlyList<ServingModel> models, IReadOnlyDictionary<long, ServedBackbone> backbones, IReadOnlyDictionary<long, HeadSession> heads,
    Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>Active and shadow models; never empty.</summary>
    public IReadOnlyList<ServingModel> Models => models;

    public ServedBackbone Backbone(long backboneId) => backbones[backboneId];

    public HeadSession Head(long headId) => heads[headId];

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
