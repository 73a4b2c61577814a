using System.Diagnostics;
using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Local;

namespace CpfPipeline.Cli.Verbs;

internal sealed class TestVerb : IVerb
{
    private static readonly string[] Suites = ["Unit", "Integration", "EndToEnd"];
    private static readonly Option Class = new("--class", "only classes of this name (* at its ends); may be repeated", Value: "NAME");
    private static readonly Option Method = new("--method", "only methods of this name (* at its ends); may be repeated", Value: "NAME");

    public string Name => "test";

    public string Summary => "run every test against private servers; the last line is \"N passed, N failed\"";

    public string Usage => "[Unit|Integration|EndToEnd]... [--class NAME] [--method NAME]";

    public IReadOnlyList<Option> Options => [Class, Method];

    public int MaxPositionals => Suites.Length;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        var wanted = arguments.Positionals.Count == 0
            ? Suites
            : [.. arguments.Positionals.Select(p => Suites.FirstOrDefault(s => s.Equals(p, StringComparison.OrdinalIgnoreCase))
                ?? throw CommandException.Usage($"no suite named '{p}'"))];
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        var stack = new LocalStack(installation);
        var ranBefore = ProcessTable.Of(installation).Count > 0;
        var totals = new TestTotals(0, 0, 0);
        try
        {
            if (wanted.Any(s => s != "Unit"))
            {
                await StepDisplay.RunAsync(display => stack.StartServersAsync(display, migrate: false, cancellationToken));
            }

            // The unit tests compute; the others wait for servers and processes most of the time, so that they can do so side by side.
            foreach (var together in new[] { wanted.Where(s => s == "Unit").ToArray(), [.. wanted.Where(s => s != "Unit")] })
            {
                var suites = await Task.WhenAll(together.Select(suite => RunSuiteAsync(installation, suite, arguments, marked: together.Length > 1, cancellationToken)));
                totals = suites.Aggregate(totals, (sum, suite) => sum + suite);
            }
        }
        finally
        {
            if (!ranBefore)
            {
                await stack.DownAsync(CancellationToken.None);
            }
        }

        Console.WriteLine(totals);
        return totals.Failed == 0 && totals.Passed > 0 ? ExitCode.Done : ExitCode.Rejected;
    }

    private static async Task<TestTotals> RunSuiteAsync(
        Installation installation, string suite, ParsedArguments arguments, bool marked, CancellationToken cancellationToken)
    {
        var assembly = Path.Combine(installation.Checkout, "tests", suite, "bin", "Release", "net10.0", $"CpfPipeline.Tests.{suite}.dll");
        if (!File.Exists(assembly))
        {
            throw CommandException.Infrastructure($"tests/{suite} is not built: start it with infra/cpf");
        }

        var report = Path.Combine(installation.Logs, $"test-{suite.ToLowerInvariant()}.ctrf.json");
        File.Delete(report);
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet")
        {
            UseShellExecute = false, RedirectStandardOutput = marked,
        };
        foreach (var argument in new[] { assembly, "-noLogo", "-result-ctrf", report })
        {
            start.ArgumentList.Add(argument);
        }

        if (marked || Console.IsOutputRedirected)
        {
            start.ArgumentList.Add("-noColor");
        }

        foreach (var (option, form) in new[] { (Class, "-class"), (Method, "-method") })
        {
            foreach (var value in arguments.Values(option))
            {
                start.ArgumentList.Add(form);
                start.ArgumentList.Add(value);
            }
        }

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
            Console.WriteLine($"tests/{suite} ended with exit code {process.ExitCode} outside of its tests: counted as one failure");
            totals = (totals ?? new(0, 0, 0)) + new TestTotals(0, 1, 0);
        }

        return totals;
    }
}
