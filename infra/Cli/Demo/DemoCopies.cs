using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;

namespace CpfPipeline.Cli.Demo;

/// <summary>
/// The reseller's pictures: edited copies of a sample of the others', and the feed that lists them. Made once and kept; making them
/// again gives the same bytes.
/// </summary>
internal sealed partial class DemoCopies(Installation installation)
{
    internal const int Every = 7;
    internal const int PerImage = 2;
    private const int Seed = 1;

    private readonly string _home = Path.Combine(installation.Home, "demo");

    public string Feed => Path.Combine(_home, DemoSellers.Reseller + ".csv");

    /// <summary>Makes what is missing.</summary>
    /// <returns>What was done, in a few words.</returns>
    /// <exception cref="CommandException">The Trainer's executable failed; shows the end of what it said.</exception>
    public async Task<string> MakeAsync(string pictures, CancellationToken cancellationToken)
    {
        var stamp = StampOf(pictures);
        var stampFile = Path.Combine(_home, "copies.stamp");
        if (File.Exists(Feed) && File.Exists(stampFile) && await File.ReadAllTextAsync(stampFile, cancellationToken) == stamp)
        {
            return $"{CountRows(Feed)} copies made before";
        }

        var folder = Path.Combine(_home, "copies");
        Directory.CreateDirectory(_home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Delete(stampFile);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        await RunTrainerAsync(
            ["copies", pictures, folder, "--per-image", $"{PerImage}", "--seed", $"{Seed}", "--every", $"{Every}"], cancellationToken);
        var rows = FeedRows([.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))]);
        if (rows.Count == 0)
        {
            throw CommandException.Infrastructure($"no edited copies were made in {folder}");
        }

        await File.WriteAllLinesAsync(Feed, rows.Prepend("external_id,uri,product_key,key_scope"), cancellationToken);
        await File.WriteAllTextAsync(stampFile, stamp, cancellationToken);
        return $"{rows.Count} copies made";
    }

    /// <summary>
    /// Rows of the reseller's feed for the copies <c>CODE_POINTS/VENDOR~EDIT.jpg</c>, ordered; other files are passed over.
    /// </summary>
    internal static IReadOnlyList<string> FeedRows(IReadOnlyCollection<string> files) =>
    [
        .. files
            .Select(file => (File: file, Match: CopyName().Match(file)))
            .Where(c => c.Match.Success)
            .OrderBy(c => c.File, StringComparer.Ordinal)
            .Select(c =>
            {
                var (key, vendor, edit) = (c.Match.Groups["key"].Value, c.Match.Groups["vendor"].Value, c.Match.Groups["edit"].Value);
                return $"{DemoSellers.ResellerId(key, vendor, edit)},copies/{c.File},{key},global";
            }),
    ];

    private static int CountRows(string feed) => File.ReadLines(feed).Count() - 1;

    private static string StampOf(string pictures)
    {
        var files = new DirectoryInfo(pictures).EnumerateFiles("*.png", SearchOption.AllDirectories).ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{files.Count} pictures, {files.Sum(f => f.Length)} bytes; every {Every}, {PerImage} each, seed {Seed}\n");
    }

    private async Task RunTrainerAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var executable = Service.All.First(s => s.Name == "Trainer").Executable(installation.Checkout);
        var start = DotnetProgram.Of(executable, arguments);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);

        using var process = Process.Start(start) ?? throw CommandException.Infrastructure("the Trainer's executable could not be started");
        var said = new StringBuilder();
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            string text;
            lock (said)
            {
                text = said.ToString();
            }

            throw CommandException.Infrastructure($"making edited copies failed:\n{text[Math.Max(0, text.Length - 1500)..].TrimEnd()}");
        }

        void Keep(string? line)
        {
            lock (said)
            {
                said.AppendLine(line);
            }
        }
    }

    [GeneratedRegex("^(?<key>[0-9a-f-]+)/(?<vendor>google|twitter|openmoji|fluent3d)(\\.png)?[^A-Za-z0-9]+(?<edit>[A-Za-z0-9-]+)\\.[a-z]+$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex CopyName();
}
