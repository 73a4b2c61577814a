using System.Diagnostics;
using System.Globalization;

namespace CpfPipeline.Tests.Benchmarks.Servers;

/// <summary>Where processor time went between two moments: each service, this program, and the rest of the machine (Postgres, RabbitMQ, others).</summary>
internal sealed class CpuUse
{
    private const double TicksPerSecond = 100; // USER_HZ, fixed in Linux' interface to user space.
    private readonly IReadOnlyDictionary<string, ServiceProcess> _services;
    private readonly Dictionary<string, double> _before;

    private CpuUse(IReadOnlyDictionary<string, ServiceProcess> services)
    {
        _services = services;
        _before = Read();
    }

    public static CpuUse Start(IReadOnlyDictionary<string, ServiceProcess> services) => new(services);

    /// <summary>Core-seconds since the start, by name.</summary>
    public IReadOnlyDictionary<string, double> Stop() => Read().ToDictionary(now => now.Key, now => now.Value - _before[now.Key]);

    private Dictionary<string, double> Read()
    {
        var seconds = _services.ToDictionary(s => s.Key, s => s.Value.Cpu.TotalSeconds);
        using var own = Process.GetCurrentProcess();
        seconds["bench"] = own.TotalProcessorTime.TotalSeconds;
        seconds["Postgres, RabbitMQ and the rest"] = MachineSeconds() - seconds.Values.Sum();
        return seconds;
    }

    // Fields of the first line of /proc/stat: user nice system idle iowait irq softirq steal ... (proc(5)).
    private static double MachineSeconds()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]
            .Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6]) / TicksPerSecond;
    }
}
