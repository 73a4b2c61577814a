using CpfPipeline.Hosting.Background;

namespace CpfPipeline.Embedder.Serving;

/// <summary>
/// Loads the serving models at start, says so when there is none, and looks again now and then: an activation whose event was missed
/// (this process was cut off from the broker) is noticed too.
/// </summary>
internal sealed class ModelWatch(ServingModels serving, TimeProvider time, ILogger<ModelWatch> logger)
    : BackgroundLoop("serving models", PauseWithout, time, logger)
{
    private static readonly TimeSpan PauseWithModel = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PauseWithout = TimeSpan.FromSeconds(1);
    private const int RemindEvery = 60;

    private int _without;

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        await serving.ReloadAsync(cancellationToken);
        _without = serving.Current.Count == 0 ? _without + 1 : 0;
        if (_without % RemindEvery == 1)
        {
            Log.NoModel(Logger);
        }
    }

    protected override Task WaitAsync(CancellationToken cancellationToken) =>
        Task.Delay(_without > 0 ? PauseWithout : PauseWithModel, Time, cancellationToken);
}
