using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CpfPipeline.Tests.EndToEnd.Fixtures;

namespace CpfPipeline.Tests.EndToEnd.Chaos;

/// <summary>One more process of a service beside a pipeline's own, as on another machine.</summary>
internal sealed class ExtraService : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly string _executable;
    private readonly string _log;
    private Process _process;

    private ExtraService(string name, string executable, string log, IReadOnlyDictionary<string, string> environment)
    {
        (Name, _executable, _log, _environment) = (name, executable, log, environment);
        _process = Begin();
    }

    /// <summary>Which service.</summary>
    public string Name { get; }

    /// <summary>Starts one with the configuration of the pipeline's own.</summary>
    public static async Task<ExtraService> StartAsync(Stack stack, string name)
    {
        var environment = (await File.ReadAllTextAsync($"/proc/{stack.PidsOf(name.ToLowerInvariant())[0]}/environ"))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        environment.Remove("CPF_INSTALLATION");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        environment["Urls"] = $"http://{listener.LocalEndpoint}";
        listener.Stop();
        return new ExtraService(
            name, Path.Combine(Cli.Checkout, name, "bin", "Release", "net10.0", $"CpfPipeline.{name}.dll"),
            Path.Combine(stack.Home, "logs", $"other-{name.ToLowerInvariant()}.log"), environment);
    }

    /// <summary>Kills it (SIGKILL) and starts it again.</summary>
    public async Task KillAndRestartAsync()
    {
        await EndAsync();
        _process = Begin();
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private async Task EndAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private Process Begin()
    {
        // The shell leads the output into a file and becomes the service.
        var start = new ProcessStartInfo("bash", ["-c", "exec dotnet \"$0\" >>\"$1\" 2>&1", _executable, _log])
        {
            WorkingDirectory = Path.GetDirectoryName(_executable),
        };
        start.Environment.Clear();
        foreach (var (variable, value) in _environment)
        {
            start.Environment[variable] = value;
        }

        return Process.Start(start)!;
    }
}
