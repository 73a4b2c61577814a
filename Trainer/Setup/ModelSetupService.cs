using CpfPipeline.Hosting.Background;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Setup;

/// <summary>
/// Runs <see cref="ModelSetup"/> at start and says, through <c>/health</c>, how far it is and why there will be no model. While one is
/// prepared the service is ready: requests are taken, and pictures wait in their queue.
/// </summary>
internal sealed class ModelSetupService(
    ModelSetup setup, ModelPreparation preparation, TimeProvider time, ILogger<ModelSetupService> logger)
    : BackgroundLoop("model setup", Pause, time, logger), IReadiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private bool _isDone;
    private bool _hasWaited;

    /// <inheritdoc/>
    public string? WhyNot { get; private set; }

    /// <inheritdoc/>
    public bool IsStuck { get; private set; }

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            _isDone = await setup.EnsureAsync(cancellationToken);
            WhyNot = null;
            preparation.Settle();
        }
        catch (Exception e) when (e is ModelFileException or TooLittleDataException or LabelledSetException or TorchUnavailableException)
        {
            // Nothing here mends a file or a machine: say what is wrong and wait for somebody to change it.
            Log.BackboneUnusable(Logger, e.Message);
            (WhyNot, IsStuck, _isDone) = (e.Message, true, true);
            preparation.Settle();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            WhyNot = e.Message;
            throw;
        }

        if (!_isDone && !_hasWaited)
        {
            Log.BackboneWaits(Logger);
            _hasWaited = true;
        }
    }

    protected override Task WaitAsync(CancellationToken cancellationToken) =>
        _isDone ? Task.Delay(Timeout.Infinite, cancellationToken) : base.WaitAsync(cancellationToken);
}
