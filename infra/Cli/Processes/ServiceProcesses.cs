using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Processes;

/// <summary>Starts the processes of the services in the background and waits until they are healthy.</summary>
internal static class ServiceProcesses
{
    /// <summary>How long a service may take to stop: it finishes what it holds, and gives back the rest after 20 s.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private static readonly string[] PassedThrough =
    [
        "Ingest__", "Embedder__", "Matcher__", "Joiner__", "Trainer__", "Access__", "Blobs__S3__", "AWS_", "OTEL_", "Logging__",
        "Kestrel__",
    ];

    /// <summary>
    /// Starts a service, unless it runs this build with this configuration. A service that runs another build or configuration is
    /// restarted;
    /// with <paramref name="replaceOlder"/> unset it is left alone.
    /// </summary>
    /// <returns>Whether it was started. The caller then waits for its health.</returns>
    public static async Task<bool> StartAsync(
        Installation installation, Service service, bool replaceOlder, CancellationToken cancellationToken)
    {
        if (!File.Exists(service.Executable(installation.Checkout)))
        {
            throw CommandException.Infrastructure($"{service.Label} is not built: start it with infra/cpf");
        }

        var running = ProcessRecord.Read(installation, service.Key);
        if (running is not null && !replaceOlder)
        {
            return false;
        }

        if (running is not null && running.Fingerprint == Fingerprint(installation, service))
        {
            return false;
        }

        // This also stops a process whose record was lost. It would hold the port, and its build would be unknown.
        await ProcessTable.StopAsync(Find(installation, service), ProcessTable.Terminate, Grace, cancellationToken);
        if (Ports.Settle(installation.State.Ports, [service.Key]))
        {
            installation.Save();
        }

        var fingerprint = Fingerprint(installation, service);
        var log = LogOf(installation, service);
        if (File.Exists(log) && new FileInfo(log).Length > 20_000_000)
        {
            File.Move(log, log + ".1", overwrite: true);
        }

        var pidFile = Path.Combine(installation.Run, service.Key + ".pid");
        File.Delete(pidFile);
        var code = await Script.RunAsync(
            installation,
            "daemon.sh",
            [log, pidFile, DotnetProgram.Host, service.Executable(installation.Checkout)],
            WholeEnvironmentOf(installation, service, Environment.GetEnvironmentVariables()),
            service.Folder(installation.Checkout),
            cancellationToken);
        if (code != 0 || !int.TryParse(await File.ReadAllTextAsync(pidFile, cancellationToken), CultureInfo.InvariantCulture, out var pid))
        {
            throw Died(installation, service, "could not be started");
        }

        File.Delete(pidFile);
        _ = ProcessRecord.Write(installation, service.Key, pid, fingerprint) ?? throw Died(installation, service, "ended at once");
        return true;
    }

    /// <summary>
    /// Waits until it is healthy and has prepared what it needs. Preparing a model takes as long as its backbone takes: that is never given
    /// up.
    /// </summary>
    /// <exception cref="CommandException">It died, or did not become healthy in time. The message shows the end of its log.</exception>
    public static async Task WaitAsync(
        Installation installation, Service service, Action<string> tell, CancellationToken cancellationToken)
    {
        using var client = new HealthClient(installation);
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var report = await client.ReadAsync(installation.Url(service), cancellationToken);
            var preparing = PreparationText.Of(report);
            if (report.Healthy && preparing is null)
            {
                return;
            }

            if (ProcessRecord.Read(installation, service.Key) is null)
            {
                throw Died(installation, service, "died");
            }

            if (report.Healthy && preparing is not null)
            {
                tell(preparing);
                start = TimeProvider.System.GetTimestamp();
            }

            if (report.Stuck || TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw Died(installation, service, "is not healthy"
                    + (report.Problems.Count > 0 ? $" ({string.Join("; ", report.Problems)})" : ""));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Stops processes of services that the installation is not to have any more.</summary>
    public static async Task StopOthersAsync(Installation installation, CancellationToken cancellationToken)
    {
        var wanted = installation.Services.Select(s => s.Key).ToHashSet();
        var others = Find(installation).Where(p => !wanted.Contains(p.Key)).ToList();
        await ProcessTable.StopAsync([.. others.Select(p => p.Process)], ProcessTable.Terminate, Grace, cancellationToken);
        foreach (var (key, _) in others)
        {
            ProcessRecord.Delete(installation, key);
        }
    }

    /// <summary>The live processes of all services, recorded or not, each with its key.</summary>
    public static IReadOnlyList<(string Key, ProcessRecord Process)> Find(Installation installation) =>
        [.. ProcessTable.Of(installation).Select(p => (Key: KeyOf(p), p)).Where(p => p.Key is not null).Select(p => (p.Key!, p.p))];

    /// <summary>The live processes of one, recorded or not.</summary>
    private static IReadOnlyList<ProcessRecord> Find(Installation installation, Service service) =>
        [.. Find(installation).Where(p => p.Key == service.Key).Select(p => p.Process)];

    // One of an older build does not say which it is: it is the first.
    private static string? KeyOf(ProcessRecord process) =>
        Service.Names.FirstOrDefault(
            n => ProcessTable.CommandLine(process.Pid).Contains($"/CpfPipeline.{n}.dll", StringComparison.Ordinal)) is { } name
            ? ProcessTable.Variable(process.Pid, ProcessTable.ComponentMarker) ?? new Service(name).Key : null;

    public static string LogOf(Installation installation, Service service) => Path.Combine(installation.Logs, service.Key + ".log");

    /// <summary>The configuration of a service. Its code relies on these names.</summary>
    public static IReadOnlyList<KeyValuePair<string, string?>> EnvironmentOf(Installation installation, Service service) =>
        EnvironmentOf(installation, service, Environment.GetEnvironmentVariables());

    internal static IReadOnlyList<KeyValuePair<string, string?>> EnvironmentOf(
        Installation installation, Service service, IDictionary given)
    {
        var variables = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in given)
        {
            if (variable is { Key: string name, Value: string value }
                && PassedThrough.Any(p => name.StartsWith(p, StringComparison.Ordinal)))
            {
                variables[name] = value;
            }
        }

        variables["ConnectionStrings__Postgres"] = installation.PostgresService;
        variables["ConnectionStrings__RabbitMq"] = installation.RabbitMq;
        variables["Blobs__Folder"] = installation.Blobs;
        variables[ProcessTable.ComponentMarker] = service.Key;
        variables["Urls"] = installation.Url(service).ToString().TrimEnd('/');
        // A web page must not reach the services through a host name of its own that resolves to this machine (DNS rebinding).
        variables["AllowedHosts"] = "127.0.0.1;localhost";
        variables.TryAdd("Trainer__WorkFolder", Path.Combine(installation.Home, "trainings"));
        variables.TryAdd("Ingest__TombstoneKeyFile", installation.TombstoneKey);
        variables.TryAdd("Ingest__ErasureRecordFolder", installation.ErasureRecords);

        // Waiting threads of libtorch would otherwise spin, on processors that live matching needs.
        variables["OMP_WAIT_POLICY"] = "passive";
        variables.TryAdd("Trainer__CalibrationFolder", Path.Combine(installation.Checkout, "infra", "demo", "pictures"));
        if (given["CPF_BACKBONE"] is string { Length: > 0 } backbone)
        {
            // The launcher made the path absolute: a service runs in another folder than its user.
            variables["Trainer__Backbone"] = Path.GetFullPath(backbone);
        }

        return [.. variables];
    }

    /// <summary>
    /// The same, and null for what it must not inherit: settings of something else, and the connection of the database's owner, which
    /// whoever takes a service over would find in its environment.
    /// </summary>
    internal static IReadOnlyList<KeyValuePair<string, string?>> WholeEnvironmentOf(
        Installation installation, Service service, IDictionary given)
    {
        var variables = EnvironmentOf(installation, service, given).ToDictionary();
        foreach (var name in given.Keys.OfType<string>().Where(IsNotInherited))
        {
            variables.TryAdd(name, null);
        }

        return [.. variables];
    }

    private static bool IsNotInherited(string name) =>
        OtherAddresses.Contains(name) || name.Contains("__", StringComparison.Ordinal)
        || name.StartsWith("CPF_POSTGRES", StringComparison.Ordinal) || name.StartsWith("CPF_RABBITMQ", StringComparison.Ordinal);

    // Container images of .NET set these variables. They would move the service to another port.
    private static readonly string[] OtherAddresses = ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_URLS",
        "HTTP_PORTS", "HTTPS_PORTS", "URLS"];

    /// <summary>Names a build and a configuration: SHA-256 over the executable's folder and the variables set for it.</summary>
    private static string Fingerprint(Installation installation, Service service)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var folder = new DirectoryInfo(service.Folder(installation.Checkout));
        foreach (var file in folder.EnumerateFiles().OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{file.Name}\0{file.Length}\0")));
            if (file.Extension == ".json" || (file.Extension == ".dll" && file.Name.StartsWith("CpfPipeline.", StringComparison.Ordinal)))
            {
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(file.FullName)));
            }
        }

        foreach (var (name, value) in EnvironmentOf(installation, service))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}={value}\0"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static CommandException Died(Installation installation, Service service, string what)
    {
        var log = LogOf(installation, service);
        return CommandException.Infrastructure($"{service.Label} {what}; the end of {log}:\n" + string.Join('\n', Script.Tail(log, 15)));
    }
}
