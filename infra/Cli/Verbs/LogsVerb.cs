using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Local;

namespace CpfPipeline.Cli.Verbs;

internal sealed class LogsVerb : IVerb
{
    private static readonly Option Follow = new("--follow", "keep printing what is added", Short: "-f");
    private static readonly Option Lines = new("--lines", "how many of the last lines (50)", Value: "N", Short: "-n");

    public string Name => "logs";

    public string Summary => "print the end of the logs of all services, or of one (also: postgres, rabbitmq, build)";

    public string Usage => "[SERVICE] [-f] [-n N]";

    public IReadOnlyList<Option> Options => [Follow, Lines];

    public int MaxPositionals => 1;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        var known = Directory.EnumerateFiles(installation.Logs, "*.log").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal).ToList();
        var lines = arguments.Number(Lines) ?? 50;
        if (lines is < 0 or > 1_000_000 || lines != Math.Floor(lines))
        {
            throw CommandException.Usage("--lines takes a whole number");
        }

        IReadOnlyList<string> wanted;
        if (arguments.Positionals is [var one])
        {
            var name = one.ToLowerInvariant();
            if (!known.Contains(name) && Service.All.All(s => s.Key != name))
            {
                throw CommandException.Usage($"no log named '{one}'" + (known.Count > 0 ? $"; there are {string.Join(", ", known)}" : ""));
            }

            wanted = [name];
        }
        else
        {
            wanted = [.. Service.All.Select(s => s.Key).Where(known.Contains)];
        }

        if (wanted.All(name => !known.Contains(name)))
        {
            throw CommandException.Infrastructure("there are no logs yet: run infra/cpf up");
        }

        var prefix = wanted.Count > 1;
        var positions = new Dictionary<string, long>();
        foreach (var name in wanted)
        {
            var path = Path.Combine(installation.Logs, name + ".log");
            positions[name] = File.Exists(path) ? new FileInfo(path).Length : 0;
            Write(name, Script.Tail(path, (int)lines), prefix);
        }

        while (arguments.Has(Follow))
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Done; // Ctrl-C is how one stops following
            }

            foreach (var name in wanted)
            {
                positions[name] = await PrintFromAsync(name, Path.Combine(installation.Logs, name + ".log"), positions[name], prefix, CancellationToken.None);
            }
        }

        return ExitCode.Done;
    }

    private static async Task<long> PrintFromAsync(string name, string path, long position, bool prefix, CancellationToken cancellationToken)
    {
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
        Write(name, text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries), prefix);
        return position + System.Text.Encoding.UTF8.GetByteCount(text[..whole]);
    }

    private static void Write(string name, IReadOnlyList<string> lines, bool prefix)
    {
        foreach (var line in lines)
        {
            Console.WriteLine(prefix ? $"{name,-8} | {line}" : line);
        }
    }
}
