using System.Diagnostics;
using CpfPipeline.Tests.EndToEnd.Fixtures;

namespace CpfPipeline.Tests.EndToEnd.Chaos;

/// <summary>Breaks parts of a pipeline, one after the other, as its seed wants. The pipeline's supervisor mends them.</summary>
internal sealed class ChaosMonkey(Stack stack, IReadOnlyList<ExtraService> extras, Random random, Action<string> log)
{
    private const int Terminate = 15;

    private static readonly string[] Services = ["trainer", "ingest", "embedder", "matcher"];

    /// <summary>How many of each it did.</summary>
    public SortedDictionary<string, int> Done { get; } = new(StringComparer.Ordinal);

    /// <summary>Breaks things until it is told to stop. What is frozen is thawed at the end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(1 + (random.NextDouble() * 6)), TimeProvider.System, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!cancellationToken.IsCancellationRequested)
            {
                await BreakAsync();
            }
        }
    }

    private Task BreakAsync() => random.Next(20) switch
    {
        < 5 => KillAsync(Services[random.Next(Services.Length)]),
        < 7 => KillAsync("postgres"),
        < 9 => KillAsync("rabbitmq"),
        < 12 => FreezeAsync(Services[random.Next(Services.Length)]),
        12 => FreezeAsync("postgres"),
        13 => FreezeAsync("rabbitmq"),
        < 16 => RestartAsync(Services[random.Next(Services.Length)]),
        16 => CutPostgresAsync(),
        17 => CutRabbitMqAsync(),
        18 => FillDiskCacheAsync(),
        _ => KillExtraAsync(),
    };

    private Task KillAsync(string name)
    {
        Note("kill", name);
        foreach (var pid in stack.PidsOf(name).Take(1))
        {
            Signal(pid, 9);
        }

        return Task.CompletedTask;
    }

    private Task RestartAsync(string name)
    {
        Note("restart", name);
        foreach (var pid in stack.PidsOf(name))
        {
            Signal(pid, Terminate);
        }

        return Task.CompletedTask;
    }

    private async Task FreezeAsync(string name)
    {
        var time = TimeSpan.FromSeconds(1 + (random.NextDouble() * 9));
        Note("freeze", $"{name} for {time.TotalSeconds:0.0} s");
        var pids = stack.PidsOf(name);
        try
        {
            pids.ForEach(pid => Signal(pid, 19));
            await Task.Delay(time, TimeProvider.System, CancellationToken.None);
        }
        finally
        {
            pids.ForEach(pid => Signal(pid, 18));
        }
    }

    private async Task CutPostgresAsync()
    {
        Note("cut", "every session of PostgreSQL");
        try
        {
            await stack.ExecuteAsSuperuserAsync(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'cpf-%' and pid <> pg_backend_pid()");
        }
        catch (Npgsql.NpgsqlException)
        {
            // It is down just now, which cuts as well.
        }
    }

    private async Task CutRabbitMqAsync()
    {
        Note("cut", "every connection of RabbitMQ");
        var start = new ProcessStartInfo(
            "bash", [Path.Combine(Cli.Checkout, "infra", "local", "rabbitmq.sh"), "ctl", "--quiet", "close_all_connections", "chaos"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["CPF_HOME"] = stack.Home;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    // Writers of other files have the disk to themselves for a moment.
    private async Task FillDiskCacheAsync()
    {
        Note("slow disk", "64 MB in its way");
        var path = Path.Combine(stack.Home, "chaos.tmp");
        var block = new byte[4 << 20];
        await using (var file = new FileStream(path, FileMode.Create, FileAccess.Write))
        {
            for (var n = 0; n < 16; n++)
            {
                await file.WriteAsync(block);
                file.Flush(flushToDisk: true);
            }
        }

        File.Delete(path);
    }

    private async Task KillExtraAsync()
    {
        if (extras.Count > 0)
        {
            var extra = extras[random.Next(extras.Count)];
            Note("kill", $"the other {extra.Name}");
            await extra.KillAndRestartAsync();
        }
    }

    private void Note(string what, string whom)
    {
        Done[what] = Done.GetValueOrDefault(what) + 1;
        log($"{what} {whom}");
    }

    private static void Signal(int pid, int signal)
    {
        using var process = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{pid}"]) { RedirectStandardError = true })!;
        process.WaitForExit();
    }
}
