using System.Diagnostics;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;

namespace CpfPipeline.Cli.Suites;

/// <summary>Runs the test suites on private servers.</summary>
/// <param name="installation">The caller holds its lock.</param>
/// <param name="classes">Only classes of these names; all when empty.</param>
/// <param name="methods">Only methods of these names; all when empty.</param>
internal sealed class TestSuites(Installation installation, IReadOnlyList<string> classes, IReadOnlyList<string> methods)
{
    /// <summary>In the order in which they run.</summary>
    public static IReadOnlyList<string> Names { get; } = ["Unit", "Integration", "EndToEnd"];

    /// <summary>Runs suites and prints what they print.</summary>
    public async Task<TestTotals> RunAsync(IReadOnlyList<string> suites, CancellationToken cancellationToken) =>
        await PrivateServers.UseAsync(
        installation,
        suites.Any(s => s != "Unit"),
        async () =>
        {
            // The unit tests compute. The others wait for servers and processes most of the time, so they can do so side by side.
            var totals = new TestTotals(0, 0, 0);
            foreach (var together in new[] { suites.Where(s => s == "Unit").ToArray(), [.. suites.Where(s => s != "Unit")] })
            {
                var ended = await Task.WhenAll(
                    together.Select(suite => RunSuiteAsync(suite, marked: together.Length > 1, cancellationToken)));
                totals = ended.Aggregate(totals, (sum, suite) => sum + suite);
            }

            return totals;
        },
        cancellationToken);

    private async Task<TestTotals> RunSuiteAsync(string suite, bool marked, CancellationToken cancellationToken)
    {
        var assembly = Path.Combine(installation.Checkout, "tests", suite, "bin", "Release", "net10.0", $"CpfPipeline.Tests.{suite}.dll");
        if (!File.Exists(assembly))
        {
            throw CommandException.Infrastructure($"tests/{suite} is not built: start it with infra/cpf");
        }

        var report = Path.Combine(installation.Logs, $"test-{suite.ToLowerInvariant()}.ctrf.json");
        File.Delete(report);
        var start = DotnetProgram.Of(assembly, [
            "-noLogo", "-result-ctrf", report, .. marked || Console.IsOutputRedirected ? new[] { "-noColor" } : [],
            .. classes.SelectMany(c => new[] { "-class", c }), .. methods.SelectMany(m => new[] { "-method", m }),
            .. Environment.GetEnvironmentVariable("CPF_ACCEPTANCE") is { Length: > 0 } ? [] : new[] { "-trait-", "run=on demand" },
        ]);
        start.RedirectStandardOutput = marked;
        if (suite != "Unit")
        {
            ProgramServers.Tell(start, installation);
        }

        Console.WriteLine($"tests/{suite}");
        using var process = Process.Start(start) ?? throw CommandException.Infrastructure($"tests/{suite} could not be started");
        if (marked)
        {
            process.OutputDataReceived += (_, line) =>
            {
                if (line.Data is { } text)
                {
                    Console.WriteLine($"{suite}: {text}");
                }
            };
            process.BeginOutputReadLine();
        }

        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var totals = File.Exists(report) ? TestTotals.ParseCtrf(await File.ReadAllTextAsync(report, cancellationToken)) : null;
        if (totals is null || (process.ExitCode != 0 && totals.Failed == 0))
        {
            var ended = $"tests/{suite} ended with exit code {process.ExitCode} outside of its tests: counted as one failure";
            totals = (totals ?? new(0, 0, 0)) + new TestTotals(0, 1, 0) { Failures = [ended] };
        }

        return totals;
    }
}
