using CpfPipeline.Hosting.Background;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Labels;
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
    : OneTimeTask("model setup", Pause, time, logger), IReadiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private bool _hasWaited;

    /// <inheritdoc/>
    public string? WhyNot { get; private set; }

    /// <inheritdoc/>
    public bool IsStuck { get; private set; }

    protected override async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        bool isDone;
        try
        {
            isDone = await setup.EnsureAsync(cancellationToken);
            WhyNot = null;
            preparation.Settle();
        }
        catch (Exception e) when (e is ModelFileException or TooLittleDataException or LabelsFileException or TorchUnavailableException)
        {
            // Trying again does not mend a file or a machine. Log what is wrong; after a change the operator restarts the service.
            Log.BackboneUnusable(Logger, e.Message);
            (WhyNot, IsStuck) = (e.Message, true);
            preparation.Settle();
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            WhyNot = e.Message;
            throw;
        }

        if (!isDone && !_hasWaited)
        {
            Log.BackboneWaits(Logger);
            _hasWaited = true;
        }

        return isDone;
    }
}
