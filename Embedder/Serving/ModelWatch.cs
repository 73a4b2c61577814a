using CpfPipeline.Data.Blobs;
using CpfPipeline.Vision.Models;
using Npgsql;

namespace CpfPipeline.Embedder.Serving;

/// <summary>
/// Loads the serving models at start, says so when there is none, and looks again now and then: an activation whose event was missed
/// (this process was cut off from the broker) is noticed all the same.
/// </summary>
internal sealed class ModelWatch(ServingModels serving, TimeProvider time, ILogger<ModelWatch> logger) : BackgroundService
{
    private static readonly TimeSpan PauseWithModel = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PauseWithout = TimeSpan.FromSeconds(1);
    private const int RemindEvery = 60;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var without = 0; ;)
        {
            try
            {
                await serving.ReloadAsync(stoppingToken);
                without = serving.Current.Count == 0 ? without + 1 : 0;
                if (without % RemindEvery == 1)
                {
                    Log.NoModel(logger);
                }
            }
            catch (Exception e) when (e is NpgsqlException or IOException or BlobMissingException or ModelFileException or TimeoutException)
            {
                Log.ModelsNotLoaded(logger, e.Message);
            }

            await Task.Delay(serving.Current.Count == 0 ? PauseWithout : PauseWithModel, time, stoppingToken);
        }
    }
}
