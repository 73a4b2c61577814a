using CpfPipeline.Embedder.Devices;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>Contents whose features one caller waits for; the workers fill it in any order.</summary>
internal sealed class FeatureBatch(
    ServedBackbone backbone, IReadOnlyList<ContentWork> contents, Urgency urgency, CancellationToken cancellationToken)
{
    private readonly int _dim = backbone.Spec.FeatureDim;
    private readonly Half[] _features = new Half[backbone.Spec.FeatureDim * contents.Count];
    private readonly FeatureOutcome[] _outcomes = new FeatureOutcome[contents.Count];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = contents.Count;

    public ServedBackbone Backbone => backbone;

    public IReadOnlyList<ContentWork> Contents => contents;

    public Urgency Urgency => urgency;

    /// <summary>Whether the caller gave up. Then the rest need not be computed.</summary>
    public bool Abandoned => cancellationToken.IsCancellationRequested;

    /// <summary>The token that is cancelled then.</summary>
    public CancellationToken Abandonment => cancellationToken;

    /// <summary>Ends, without error, when every content has its outcome.</summary>
    public Task Completion => contents.Count == 0 ? Task.CompletedTask : _done.Task;

    public FeatureOutcome Outcome(int index) => _outcomes[index];

    public Memory<Half> Feature(int index) => _features.AsMemory(index * _dim, _dim);

    public void Complete(int index, FeatureOutcome outcome)
    {
        _outcomes[index] = outcome;
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _done.SetResult();
        }
    }
}
