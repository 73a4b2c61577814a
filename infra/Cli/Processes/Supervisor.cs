using Npgsql;

namespace CpfPipeline.Cli.Processes;

/// <summary>
/// Starts again what died. A component that dies at once, again and again, gets growing pauses and is given up in the end
/// (<see cref="RestartRule"/>). Each is looked after by itself.
/// </summary>
/// <param name="components">What is kept running.</param>
/// <param name="before">What an earlier supervisor counted.</param>
/// <param name="save">Keeps the records.</param>
/// <param name="log">Takes a line for each event.</param>
/// <param name="time">Clock.</param>
internal sealed class Supervisor(
    IReadOnlyList<Supervised> components, IReadOnlyDictionary<string, RestartRecord> before,
    Action<IReadOnlyDictionary<string, RestartRecord>> save, TextWriter log, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, RestartRecord> _records =
        components.ToDictionary(c => c.Name, c => (before.GetValueOrDefault(c.Name) ?? new(0, null, null)) with { GaveUp = null });

    /// <summary>Watches until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        save(_records);
        return Task.WhenAll(components.Select(c => WatchAsync(c, cancellationToken)));
    }

    private async Task WatchAsync(Supervised component, CancellationToken cancellationToken)
    {
        var shortLives = 0;
        var startedAt = time.GetTimestamp() - (long)(RestartRule.WellAfter.TotalSeconds * time.TimestampFrequency);
        while (true)
        {
            await Task.Delay(Pause, time, cancellationToken);
            if (component.IsAlive())
            {
                continue;
            }

            shortLives = time.GetElapsedTime(startedAt) >= RestartRule.WellAfter ? 1 : shortLives + 1;
            if (RestartRule.PauseAfter(shortLives) is not { } pause)
            {
                Note(component, r => r with { GaveUp = $"died {shortLives} times in a row soon after its start" });
                Write($"{component.Name} is given up: it died {shortLives} times in a row soon after its start");
                return;
            }

            await Task.Delay(pause, time, cancellationToken);
            Note(component, r => r with { Restarts = r.Restarts + 1, LastAt = time.GetUtcNow() });
            startedAt = time.GetTimestamp();
            try
            {
                await component.StartAsync(cancellationToken);
                Write($"{component.Name} had died and was started again");
            }
            catch (Exception e) when (e is CommandException or NpgsqlException or IOException or UnauthorizedAccessException)
            {
                Write($"{component.Name} had died and could not be started: {e.Message.ReplaceLineEndings(" ")}");
            }
        }
    }

    private void Note(Supervised component, Func<RestartRecord, RestartRecord> change)
    {
        lock (_records)
        {
            _records[component.Name] = change(_records[component.Name]);
            save(_records);
        }
    }

    private void Write(string line) => log.WriteLine($"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {line}");
}
