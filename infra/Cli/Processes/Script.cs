using System.Diagnostics;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Processes;

/// <summary>Runs the shell scripts of <c>infra/local</c>.</summary>
internal static class Script
{
    /// <summary>Runs a script to its end. Its processes in the background keep running.</summary>
    /// <param name="environment">Added to ours; a null value removes a variable.</param>
    /// <returns>The script's exit code.</returns>
    public static async Task<int> RunAsync(
        Installation installation,
        string script,
        IEnumerable<string> arguments,
        IEnumerable<KeyValuePair<string, string?>> environment,
        string? workingFolder,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("bash") { UseShellExecute = false, WorkingDirectory = workingFolder ?? "/" };
        start.ArgumentList.Add(Path.Combine(installation.Scripts, script));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["CPF_HOME"] = installation.Home;
        start.Environment[ProcessTable.Marker] = installation.Home;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
            if (value is null)
            {
                start.Environment.Remove(name);
            }
        }

        using var process = Process.Start(start) ?? throw CommandException.Infrastructure($"{script} could not be started");
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    /// <summary>The last lines of a log.</summary>
    public static IReadOnlyList<string> Tail(string path, int lines)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        // Logs grow and lines are short, so reading the end is enough.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(-Math.Min(stream.Length, 64 * 1024 + (lines * 500L)), SeekOrigin.End);
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(lines)];
    }

    /// <summary>The line a script ended with, without its prefix.</summary>
    public static string LastWord(string log, string otherwise) => Tail(log, 1) is [var line]
        ? line.StartsWith("cpf: ", StringComparison.Ordinal) ? line[5..] : $"{otherwise}: {line}"
        : otherwise;
}
