using System.Globalization;

namespace CpfPipeline.Cli.Status;

/// <summary>Reads the status again and again until it is told to stop.</summary>
/// <param name="read">The status now.</param>
/// <param name="time">Clock of the pauses.</param>
internal sealed class StatusWatch(Func<CancellationToken, Task<StatusReport>> read, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Shows every status.</summary>
    public Task DrawAsync(Action<StatusReport> draw, CancellationToken cancellationToken) => ForEachAsync(draw, cancellationToken);

    /// <summary>Writes a line whenever what it says is another than the line before.</summary>
    public async Task WriteChangesAsync(TextWriter output, CancellationToken cancellationToken)
    {
        var before = "";
        await ForEachAsync(
            status =>
            {
                if (LineOf(status) is var line && line != before)
                {
                    output.WriteLine($"{time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z {line}");
                    before = line;
                }
            },
            cancellationToken);
    }

    private static string LineOf(StatusReport status)
    {
        var sick = status.Services.Where(s => !s.Healthy).Select(s => s.Name).ToList();
        var images = status.Images is { } counts
            ? string.Create(CultureInfo.InvariantCulture, $"{counts.Stored} stored, {counts.Received} received, {counts.Rejected} rejected")
            : "images unknown";
        return $"{(sick.Count == 0 ? "healthy" : "not healthy: " + string.Join(", ", sick))}; {images}; groups {status.Exactness}"
            + $"{(status.ExactnessReasons.Count == 0 ? "" : ": ")}{string.Join(", ", status.ExactnessReasons)}; "
            + (status.IntakeClosed is { } why ? $"intake closed: {why}; " : "")
            + (status.ActiveModel is { } model ? string.Create(CultureInfo.InvariantCulture, $"model {model.ModelId}") : "no model");
    }

    private async Task ForEachAsync(Action<StatusReport> show, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                show(await read(cancellationToken));
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl+C is how a watch ends.
        }
    }
}
