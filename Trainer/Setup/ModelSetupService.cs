using CpfPipeline.Data.Blobs;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Vision.Models;
using Npgsql;

namespace CpfPipeline.Trainer.Setup;

/// <summary>Runs <see cref="ModelSetup"/> at start and says, through <c>/health</c>, when there is a model or why there is none.</summary>
internal sealed class ModelSetupService(ModelSetup setup, TimeProvider time, ILogger<ModelSetupService> logger) : BackgroundService, IReadiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public string? WhyNot { get; private set; } = "the model is being prepared";

    /// <inheritdoc/>
    public bool IsStuck { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // Preparing takes seconds of computation; the host starts meanwhile.
        var waited = false;
        while (true)
        {
            try
            {
                var settled = await setup.EnsureAsync(stoppingToken);
                WhyNot = null;
                if (settled)
                {
                    return;
                }

                if (!waited)
                {
                    Log.BackboneWaits(logger);
                    waited = true;
                }
            }
            catch (Exception e) when (e is ModelFileException or TooLittleDataException or LabelledSetException)
            {
                // Nothing here mends a file: say what is wrong with it and wait for somebody to change the setting.
                Log.BackboneUnusable(logger, e.Message);
                (WhyNot, IsStuck) = (e.Message, true);
                return;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or UnauthorizedAccessException or TimeoutException or BlobMissingException)
            {
                Log.SetupPostponed(logger, e.Message);
                WhyNot = e.Message;
            }

            await Task.Delay(Pause, time, stoppingToken);
        }
    }
}
