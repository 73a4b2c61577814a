namespace CpfPipeline.Tests.Benchmarks.Servers;

/// <summary>
/// Where processor time went between two moments: each service, the servers, this program, and everybody else on the machine.
/// </summary>
internal sealed class CpuUse
{
    /// <summary>Name of what is no part of the pipeline: other programs on this machine.</summary>
    public const string Others = "other programs";

    private readonly IReadOnlyDictionary<string, ServiceProcess> _services;
    private readonly BenchServers _servers;
    private readonly Dictionary<string, double> _before;

    private CpuUse(BenchServers servers, IReadOnlyDictionary<string, ServiceProcess> services)
    {
        (_servers, _services) = (servers, services);
        _before = Read();
    }

    public static CpuUse Start(BenchServers servers, IReadOnlyDictionary<string, ServiceProcess> services) => new(servers, services);

    /// <summary>Core-seconds since the start, by name.</summary>
    public IReadOnlyDictionary<string, double> Stop() => Read().ToDictionary(now => now.Key, now => now.Value - _before[now.Key]);

    private Dictionary<string, double> Read()
    {
        var seconds = _services.ToDictionary(s => s.Key, s => s.Value.Cpu.TotalSeconds);
        seconds["Postgres"] = ProcessorTime.OfTree(_servers.PostgresPid);
        seconds["RabbitMQ"] = ProcessorTime.OfTree(_servers.RabbitMqPid);
        seconds["bench"] = ProcessorTime.OfTree(Environment.ProcessId) - _services.Values.Sum(s => s.Cpu.TotalSeconds);
        seconds[Others] = ProcessorTime.OfMachine() - seconds.Values.Sum();
        return seconds;
    }
}
