using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace CpfPipeline.Tests.Benchmarks.Running;

/// <summary>What the figures were measured on.</summary>
internal sealed record Machine(string Cpu, int Cores, double MemoryGb, string Os, string Runtime, string Commit, double LoadBefore)
{
    public static Machine Read(string checkout) => new(
        LineValue("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        Math.Round(
            double.Parse((LineValue("/proc/meminfo", "MemTotal") ?? "0 kB").Split(' ')[0], CultureInfo.InvariantCulture) / (1 << 20), 1),
        LineValue("/etc/os-release", "PRETTY_NAME")?.Trim('"') ?? RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        ReadCommit(checkout),
        File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : 0);

    private static string? LineValue(string file, string key) => !File.Exists(file)
        ? null
        : File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split([':', '='], 2)[^1].Trim();

    // "-changed" when the tree differs from the commit other than by results.
    private static string ReadCommit(string checkout)
    {
        var head = Git(checkout, "rev-parse", "--short", "HEAD");
        return head is null
            ? "unknown" : Git(checkout, "status", "--porcelain", "--", ".", ":!tests/Benchmarks/results") is "" ? head : head + "-changed";
    }

    private static string? Git(string checkout, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("git", arguments)
            {
                WorkingDirectory = checkout, RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? text.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // No git here: an unpacked archive.
        }
    }
}
