using System.Text;
using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;

namespace CpfPipeline.Cli.Logs;

/// <summary>Prints the ends of logs, and what is added to them.</summary>
internal sealed class ServiceLogs
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly Installation _installation;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<string> _wanted;

    /// <param name="installation">Where the logs are.</param>
    /// <param name="one">The only log to print; null for those of all services.</param>
    /// <param name="time">Sets the pace of following.</param>
    /// <exception cref="CommandException">There is no such log (2), or none at all yet (3).</exception>
    public ServiceLogs(Installation installation, string? one, TimeProvider time)
    {
        (_installation, _time) = (installation, time);
        var known = Directory.EnumerateFiles(installation.Logs, "*.log")
            .Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal).ToList();
        var services = installation.Services.Select(s => s.Key).ToList();
        var name = one?.ToLowerInvariant();
        if (name is not null && !known.Contains(name) && !services.Contains(name))
        {
            throw CommandException.Usage($"no log named '{one}'" + (known.Count > 0 ? $"; there are {string.Join(", ", known)}" : ""));
        }

        _wanted = name is null ? [.. services.Where(known.Contains)] : [name];
        if (!_wanted.Any(known.Contains))
        {
            throw CommandException.Infrastructure("there are no logs yet: run infra/cpf up");
        }
    }

    /// <summary>Prints the last lines of each log.</summary>
    /// <returns>Where each log ended.</returns>
    public Dictionary<string, long> PrintEnd(int lines)
    {
        var positions = new Dictionary<string, long>();
        foreach (var name in _wanted)
        {
            var path = PathOf(name);
            positions[name] = File.Exists(path) ? new FileInfo(path).Length : 0;
            Write(name, Script.Tail(path, lines));
        }

        return positions;
    }

    /// <summary>Prints what is added, until it is cancelled: that is how one stops following.</summary>
    public async Task FollowAsync(Dictionary<string, long> positions, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            foreach (var name in _wanted)
            {
                positions[name] = await PrintFromAsync(name, positions[name], CancellationToken.None);
            }

            await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<long> PrintFromAsync(string name, long position, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        if (!File.Exists(path))
        {
            return 0;
        }

        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length < position)
        {
            position = 0; // a new file took its place
        }

        stream.Seek(position, SeekOrigin.Begin);
        using var reader = new StreamReader(stream, leaveOpen: true);
        var text = await reader.ReadToEndAsync(cancellationToken);
        var whole = text.LastIndexOf('\n') + 1; // a line still being written is left for the next round
        Write(name, text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return position + Encoding.UTF8.GetByteCount(text[..whole]);
    }

    private void Write(string name, IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            Console.WriteLine(PlainText.Of(_wanted.Count > 1 ? $"{name,-8} | {line}" : line));
        }
    }

    private string PathOf(string name) => Path.Combine(_installation.Logs, name + ".log");
}
