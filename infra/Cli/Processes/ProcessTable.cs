using System.Runtime.InteropServices;
using System.Text;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Processes;

/// <summary>Reads Linux' process table under <c>/proc</c> and sends signals.</summary>
internal static class ProcessTable
{
    /// <summary>Environment variable of every process that we start in the background. Its value is the state folder.</summary>
    public const string Marker = "CPF_INSTALLATION";

    /// <summary>Environment variable of a service's process: its key, which tells several processes of a service apart.</summary>
    public const string ComponentMarker = "CPF_COMPONENT";

    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>
    /// Start time of a live process in clock ticks since boot; null when there is no such process. A zombie does not count.
    /// </summary>
    /// <remarks>The system gives an id to another process later. The pair of id and start time is unique.</remarks>
    public static long? StartTicks(int pid) => ReadText($"/proc/{pid}/stat") is { } stat ? ParseStartTicks(stat) : null;

    /// <summary>Whether the table has an entry, also for a zombie.</summary>
    public static bool IsListed(int pid) => Directory.Exists($"/proc/{pid}");

    /// <summary>Field 22 of <c>/proc/PID/stat</c>; the name in field 2 may hold spaces and parentheses.</summary>
    public static long? ParseStartTicks(string stat)
    {
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && fields[0] is not ("Z" or "X") && long.TryParse(fields[19], out var ticks) ? ticks : null;
    }

    public static string CommandLine(int pid) => ReadText($"/proc/{pid}/cmdline")?.Replace('\0', ' ') ?? "";

    /// <summary>A variable that a process was started with; null when it has no such one, or cannot be looked into.</summary>
    public static string? Variable(int pid, string name) => (ReadText($"/proc/{pid}/environ") ?? "").Split('\0')
        .FirstOrDefault(v => v.StartsWith(name + '=', StringComparison.Ordinal))?[(name.Length + 1)..];

    /// <summary>Live processes that were started for this state folder, also those whose record was lost.</summary>
    public static IReadOnlyList<ProcessRecord> Of(Installation installation)
    {
        var marker = $"\0{Marker}={installation.Home}\0";
        var postgres = Path.Combine(Resolve(Path.Combine(installation.Home, "postgres")), "data");
        var found = new List<ProcessRecord>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var pid) || pid == Environment.ProcessId || StartTicks(pid) is not { } ticks)
            {
                continue;
            }

            // PostgreSQL overwrites its environment with its title, so it is known by its program and the folder it works in.
            if (("\0" + ReadText($"{folder}/environ")).Contains(marker, StringComparison.Ordinal)
                || (Link($"{folder}/exe").EndsWith("/bin/postgres", StringComparison.Ordinal) && Link($"{folder}/cwd") == postgres))
            {
                found.Add(new(pid, ticks));
            }
        }

        return found;
    }

    public static void Signal(ProcessRecord process, int signal)
    {
        if (process.IsAlive)
        {
            _ = NativeKill(process.Pid, signal);
        }
    }

    /// <summary>Signals, waits up to <paramref name="patience"/>, then kills what is left.</summary>
    public static async Task StopAsync(
        IReadOnlyCollection<ProcessRecord> processes, int signal, TimeSpan patience, CancellationToken cancellationToken)
    {
        foreach (var process in processes)
        {
            Signal(process, signal);
        }

        var start = TimeProvider.System.GetTimestamp();
        while (processes.Any(p => p.IsAlive) && TimeProvider.System.GetElapsedTime(start) < patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, cancellationToken);
        }

        foreach (var process in processes)
        {
            Signal(process, Kill);
        }

        while (processes.Any(p => p.IsAlive) && TimeProvider.System.GetElapsedTime(start) < patience + TimeSpan.FromSeconds(5))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>A path with its last link followed: root's data may lie outside the checkout.</summary>
    public static string Resolve(string path) =>
        Directory.Exists(path) ? new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path : path;

    private static string Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it has ended, or belongs to another user
        }
    }

    private static string? ReadText(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it has ended, or belongs to another user
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int NativeKill(int pid, int signal);
}
