using System.Text.Json;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Local;
using CpfPipeline.Cli.Trainings;

namespace CpfPipeline.Cli.Demo;

/// <summary>
/// The demonstration's night: has the Trainer train on the catalogue, whose keys are the feeds', and hand over if the model is better. It happens once in a state
/// folder; what the groups were worth before is kept for later runs.
/// </summary>
internal sealed class DemoTraining(Installation installation)
{
    private const string IdempotencyKey = "demo";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private string BeforeFile => Path.Combine(installation.Home, "demo", "before.json");

    /// <summary>Waits for the end of the run.</summary>
    /// <param name="score">What the groups are worth now; used when this is the first time.</param>
    /// <param name="cancellationToken">Stops waiting; the run goes on.</param>
    /// <returns>How the run ended, and what the groups were worth before it.</returns>
    /// <exception cref="CommandException">The Trainer does not answer, or is busy with another run.</exception>
    public async Task<(TrainingRun Run, PairwiseScore Before)> RunAsync(PairwiseScore score, CancellationToken cancellationToken)
    {
        using var client = TrainingSession.ClientOf(installation);
        using var health = new HealthClient();
        var run = await client.AskAsync("/trainings", null, IdempotencyKey, cancellationToken);
        var before = run.HasEnded ? await ReadAsync(cancellationToken) : null;
        if (before is null)
        {
            await File.WriteAllTextAsync(BeforeFile, JsonSerializer.Serialize(before = score, Json), cancellationToken);
        }

        var watch = new ServiceWatch(async (service, token) => (await health.ReadAsync(installation.Url(service), token)) != HealthReport.None, TimeProvider.System);
        run = await TrainingDisplay.RunAsync(display => new TrainingFollow(client, watch, TimeProvider.System).RunAsync(run, display, cancellationToken));
        return (run, before);
    }

    private async Task<PairwiseScore?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize<PairwiseScore>(await File.ReadAllTextAsync(BeforeFile, cancellationToken), Json);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null; // Somebody cleared the folder: then there is nothing to compare with.
        }
    }
}
