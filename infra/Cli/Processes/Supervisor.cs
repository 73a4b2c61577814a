using Npgsql;

namespace CpfPipeline.Cli.Processes;

/// <summary>
/// Starts again what died. A component that dies at once, again and again, gets growing pauses, and its record says so
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
        components.ToDictionary(c => c.Name, c => (before.GetValueOrDefault(c.Name) ?? new(0, null, null)) with { KeepsDying = null });

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
            var isWell = time.GetElapsedTime(startedAt) >= RestartRule.WellAfter;
            if (component.IsAlive())
            {
                if (isWell && shortLives >= RestartRule.ManyShortLives)
                {
                    shortLives = 0;
                    Note(component, r => r with { KeepsDying = null });
                }

                continue;
            }

            shortLives = isWell ? 1 : shortLives + 1;
            var pause = RestartRule.PauseAfter(shortLives);
            if (shortLives >= RestartRule.ManyShortLives)
            {
                var trouble = $"died {shortLives} times in a row soon after its start";
                Note(component, r => r with { KeepsDying = trouble });
                Write($"{component.Name} {trouble}; the next start is in {pause.TotalSeconds:0} s");
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
