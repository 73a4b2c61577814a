using System.Text.Json;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Services;
using CpfPipeline.Cli.Trainings;

namespace CpfPipeline.Cli.Demo;

/// <summary>
/// The demonstration's night: the Trainer trains on the catalogue with the keys of the feeds, and hands over if the model is better. It
/// happens once in a state folder. The quality of the groups before it is kept for later runs.
/// </summary>
internal sealed class DemoTraining(Installation installation)
{
    private const string IdempotencyKey = "demo";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private string BeforeFile => Path.Combine(installation.Home, "demo", "before.json");

    /// <summary>Waits for the end of the run.</summary>
    /// <param name="score">Quality of the groups now. It is kept the first time.</param>
    /// <param name="cancellationToken">Stops waiting; the run goes on.</param>
    /// <returns>How the run ended, and the quality of the groups before it.</returns>
    /// <exception cref="CommandException">The Trainer does not answer, or is busy with another run.</exception>
    public async Task<(RunAnswer Run, PairwiseScore Before)> RunAsync(PairwiseScore score, CancellationToken cancellationToken)
    {
        using var client = TrainerClient.Of(installation);
        using var health = new HealthClient(installation);
        var run = await client.AskAsync("/trainings", null, IdempotencyKey, cancellationToken);
        var before = run.HasEnded ? await ReadAsync(cancellationToken) : null;
        if (before is null)
        {
            await File.WriteAllTextAsync(BeforeFile, JsonSerializer.Serialize(before = score, Json), cancellationToken);
        }

        var watch = ServiceWatch.Of(installation, health);
        run = await TrainingDisplay.RunAsync(display =>
            new TrainingFollow(client, watch, TimeProvider.System).RunAsync(run, display, cancellationToken));
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
            return null; // The folder was cleared, so there is nothing to compare with.
        }
    }
}
