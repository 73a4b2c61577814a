using System.Text.Json;
using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Replays;

/// <summary>Asks Ingest to put back what failed, and hears how far it is.</summary>
internal sealed class ReplayClient(ServiceClient ingest)
{
    /// <param name="body">What to put back.</param>
    /// <param name="tell">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it: Ingest stops when the connection closes.</param>
    /// <exception cref="CommandException">Ingest does not answer, refuses, or broke off.</exception>
    public async Task<ReplayOutcome> RunAsync(ReplayBody body, Action<ReplayedSoFar> tell, CancellationToken cancellationToken)
    {
        ReplayOutcome? outcome = null;
        await ingest.PostForLinesAsync("/replays", body, line =>
        {
            var answer = JsonSerializer.Deserialize<ReplayAnswer>(line, ServiceClient.Json);
            if (answer?.Problem is { } problem)
            {
                throw CommandException.Infrastructure(
                    $"the replay broke off: {problem}. What was put back until then is put back; the rest is where it was");
            }

            outcome = answer?.Summary ?? outcome;
            if (answer?.Progress is { } progress)
            {
                tell(progress);
            }
        }, cancellationToken);
        return outcome ?? throw CommandException.Infrastructure(
            "Ingest fell silent in the middle of the replay. Nothing is lost: what was not put back is where it was");
    }
}
