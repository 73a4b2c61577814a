using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>One more Matcher beside a pipeline's own: a process with the same configuration and another address.</summary>
internal sealed class ExtraMatcher : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly string _executable;
    private Process _process;

    private ExtraMatcher(string executable, IReadOnlyDictionary<string, string> environment)
    {
        (_executable, _environment) = (executable, environment);
        _process = Begin();
    }

    /// <summary>Starts one and waits until it is healthy.</summary>
    public static async Task<ExtraMatcher> StartAsync(Stack stack)
    {
        var own = (await stack.StatusAsync())
            .GetProperty("services").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "Matcher");
        var environment = (await File.ReadAllTextAsync($"/proc/{own.GetProperty("pid").GetInt32()}/environ"))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);

        // It runs as if on another machine. Otherwise infra/cpf up would take it for a leftover of its own and stop it.
        environment.Remove("CPF_INSTALLATION");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        environment["Urls"] = $"http://{listener.LocalEndpoint}";
        listener.Stop();
        var matcher = new ExtraMatcher(
            Path.Combine(Cli.Checkout, "Matcher", "bin", "Release", "net10.0", "CpfPipeline.Matcher.dll"), environment);
        await matcher.WaitAsync();
        return matcher;
    }

    /// <summary>Kills it as a crash would (SIGKILL), while it holds messages, and starts it again, as a supervisor would.</summary>
    public async Task KillWithMessagesAndRestartAsync(Stack stack)
    {
        await BrokerWork.KillMatcherWithMessagesAsync(stack, _process.Id);
        _process.Dispose();
        _process = Begin();
        await WaitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private Process Begin()
    {
        var start = new ProcessStartInfo(
            "dotnet", [_executable]) { WorkingDirectory = Path.GetDirectoryName(_executable), RedirectStandardOutput = true };
        start.Environment.Clear();
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private async Task WaitAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri(_environment["Urls"]) };
        await Stack.UntilAsync(
            async () =>
            {
                try
                {
                    using var answer = await client.GetAsync("/health/ready");
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            }, "another Matcher is healthy");
    }
}
