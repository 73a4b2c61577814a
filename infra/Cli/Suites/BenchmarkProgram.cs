using System.Diagnostics;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;

namespace CpfPipeline.Cli.Suites;

/// <summary>Runs <c>tests/Benchmarks</c> on private servers.</summary>
internal static class BenchmarkProgram
{
    /// <param name="installation">The caller holds its lock.</param>
    /// <param name="names">Benchmarks to run, and what follows them.</param>
    /// <param name="options">Handed on as they are.</param>
    /// <param name="cancellationToken">Ends the program, which removes its database first.</param>
    /// <returns>The program's exit code.</returns>
    public static async Task<ExitCode> RunAsync(
        Installation installation, IReadOnlyList<string> names, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var program = Path.Combine(
            installation.Checkout, "tests", "Benchmarks", "bin", "Release", "net10.0", "CpfPipeline.Tests.Benchmarks.dll");
        if (!File.Exists(program))
        {
            throw CommandException.Infrastructure("tests/Benchmarks is not built: start it with infra/cpf");
        }

        var start = DotnetProgram.Of(program, [.. names, .. options]);
        var needed = NeedServers(names);
        return await PrivateServers.UseAsync(
            installation,
            needed,
            () =>
            {
                if (needed)
                {
                    ProgramServers.Tell(start, installation);
                }

                return RunAsync(start, cancellationToken);
            },
            cancellationToken);
    }

    private static bool NeedServers(IReadOnlyList<string> names) =>
        names is not (["kernels", ..] or ["device", ..])
            && (names.Count == 0 || !names.All(n => n.StartsWith("losses", StringComparison.Ordinal) || n == "head-scale"));

    private static async Task<ExitCode> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var process = Process.Start(start) ?? throw CommandException.Infrastructure("tests/Benchmarks could not be started");
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C reaches the program as well. A signal to this process alone does not.
            if (ProcessTable.StartTicks(process.Id) is { } ticks)
            {
                ProcessTable.Signal(new ProcessRecord(process.Id, ticks), ProcessTable.Terminate);
            }

            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        return (ExitCode)process.ExitCode;
    }
}
