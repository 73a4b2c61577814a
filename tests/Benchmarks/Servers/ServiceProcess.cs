using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CpfPipeline.Tests.Benchmarks.Running;

namespace CpfPipeline.Tests.Benchmarks.Servers;

/// <summary>A real service process, configured by environment variables as <c>infra/cpf up</c> does.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    private readonly Process _process;
    private readonly string _log;
    private readonly HttpClient _http;

    private ServiceProcess(Process process, string log, Uri address, string key)
    {
        (_process, _log) = (process, log);
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromHours(1) };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", key);
    }

    /// <summary>Its HTTP API, with a key that has all roles.</summary>
    public HttpClient Http => _http;

    /// <summary>Resident memory in MB (10^6 bytes) now.</summary>
    public double ResidentMb => StatusKb("VmRSS") * 1024 / 1e6;

    /// <summary>The most resident memory so far, in MB.</summary>
    public double PeakResidentMb => StatusKb("VmHWM") * 1024 / 1e6;

    /// <summary>Processor time used so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts a service and waits until it says that it is ready.</summary>
    /// <param name="context">The run.</param>
    /// <param name="service">Name, e.g. <c>Embedder</c>.</param>
    /// <param name="servers">Database and virtual host.</param>
    /// <param name="blobs">Folder of the blobs.</param>
    /// <param name="settings">More settings, e.g. <c>Ingest__FileRoots__0</c>.</param>
    /// <param name="cancellationToken">Cancels; the process ends then.</param>
    public static async Task<ServiceProcess> StartAsync(
        BenchContext context, string service, BenchServers servers, string blobs, IReadOnlyDictionary<string, string>? settings,
        CancellationToken cancellationToken)
    {
        var file = context.ServiceFile(service);
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var log = Path.Combine(context.Work, $"{service.ToLowerInvariant()}.log");
        var host = Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

        // The shell writes the log and then becomes the service: no pipe that this process would have to empty.
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", "exec \"$0\" \"$1\" >>\"$2\" 2>&1", host, file, log]) { WorkingDirectory = Path.GetDirectoryName(file)! };
        foreach (var name in new[] { "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_URLS", "HTTP_PORTS",
            "HTTPS_PORTS", "URLS" })
        {
            start.Environment.Remove(name);
        }

        start.Environment["ConnectionStrings__Postgres"] = servers.Postgres;
        start.Environment["ConnectionStrings__RabbitMq"] = servers.RabbitMq.ToString();
        start.Environment["Blobs__Folder"] = blobs;
        start.Environment["Urls"] = address.ToString().TrimEnd('/');
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var running = new ServiceProcess(Process.Start(start)!, log, address, servers.Key);
        try
        {
            await Until.TrueAsync(
                running.IsReadyAsync, TimeSpan.FromMilliseconds(200), StartLimit, $"{service} is ready", cancellationToken);
            return running;
        }
        catch
        {
            context.Say(running.LogEnd());
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Freezes the process, so that work can be queued before it begins.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>Lets a frozen process go on.</summary>
    public void Thaw() => Signal("CONT");

    /// <summary>The last lines of its log.</summary>
    public string LogEnd() => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(15)) : "";

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            Signal("CONT");
            Signal("TERM");
            using var limit = new CancellationTokenSource(StopLimit, TimeProvider.System);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"it ended with exit code {_process.ExitCode}:\n{LogEnd()}");
        }

        try
        {
            using var response = await _http.GetAsync("/health", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // Not listening yet.
        }
    }

    private long StatusKb(string key)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"{key} is unknown: the process ended?\n{LogEnd()}");
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start(
            "/bin/sh", ["-c", "kill -s \"$0\" \"$1\"", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
