using System.Globalization;

namespace CpfPipeline.Tests.Benchmarks.Servers;

/// <summary>Processor time in seconds, from Linux' process table (proc(5)).</summary>
internal static class ProcessorTime
{
    private const double TicksPerSecond = 100; // USER_HZ, fixed in Linux' interface to programs.

    /// <summary>A process and its children, those that ended (and were waited for) included. 0 for a process of another machine.</summary>
    public static double OfTree(int? pid)
    {
        if (pid is null || Fields(pid.Value) is not { } own)
        {
            return 0;
        }

        var ticks = own[Utime] + own[Stime] + own[ChildrenUtime] + own[ChildrenStime];
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var other)
                && Fields(other) is { } fields && (int)fields[Parent] == pid)
            {
                ticks += fields[Utime] + fields[Stime];
            }
        }

        return ticks / TicksPerSecond;
    }

    /// <summary>All processes together.</summary>
    public static double OfMachine()
    {
        // user nice system idle iowait irq softirq ...
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]
            .Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6]) / TicksPerSecond;
    }

    /// <summary>The parent of a process.</summary>
    public static int? ParentOf(int pid) => Fields(pid) is { } fields ? (int)fields[Parent] : null;

    // Places behind the name, which may hold spaces and parentheses.
    private const int Parent = 1;
    private const int Utime = 11;
    private const int Stime = 12;
    private const int ChildrenUtime = 13;
    private const int ChildrenStime = 14;

    private static double[]? Fields(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return [.. stat[(stat.LastIndexOf(')') + 2)..]
                .Split(' ').Select(f => double.TryParse(f, CultureInfo.InvariantCulture, out var n) ? n : 0)];
        }
        catch (IOException)
        {
            return null; // It ended.
        }
    }
}
