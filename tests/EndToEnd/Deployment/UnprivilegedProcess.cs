using System.Diagnostics;
using System.Text;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Deployment;

/// <summary>
/// A program as a container would start it: another user without any right, who may gain none; nothing of the environment but what is
/// given; an empty folder.
/// </summary>
internal sealed class UnprivilegedProcess : IAsyncDisposable
{
    private const int Nobody = 65534;

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    /// <param name="assembly">The program.</param>
    /// <param name="words">Its command line.</param>
    /// <param name="folder">Where it starts and has its temporary files.</param>
    /// <param name="environment">All that it is told.</param>
    public UnprivilegedProcess(string assembly, IEnumerable<string> words, string folder, IReadOnlyDictionary<string, string> environment)
    {
        // The runtime's own host, as an image has it. Who is not root has no rights to give up.
        string[] command = [Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : Host(), assembly, .. words];
        var start = Environment.UserName == "root"
            ? new ProcessStartInfo("setpriv",
                [
                    $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all",
                    .. command,
                ])
            : new ProcessStartInfo(command[0], command[1..]);
        start.WorkingDirectory = folder;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["PATH"] = "/usr/bin:/bin";
        start.Environment["TMPDIR"] = folder;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Waits for its end.</summary>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Waits for its end, which is to be this one.</summary>
    public async Task<string> ExpectAsync(int code)
    {
        var end = await EndAsync();
        Assert.True(end == code, $"ended with {end} instead of {code}\n{Output}");
        return Output;
    }

    /// <summary>Asks it to end, as a container's engine does.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static string Host() => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "/usr/share/dotnet/dotnet";

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }
}
