using System.Diagnostics;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;

namespace CpfPipeline.Cli.Suites;

/// <summary>
/// Runs the test of <c>tests/EndToEnd/Chaos</c>: a pipeline of its own in a temporary folder, whose parts are killed, frozen and cut off
/// while it works, and a calm one with the same inputs. The installation itself is left alone.
/// </summary>
internal static class ChaosProgram
{
    /// <param name="installation">Its checkout has the built tests.</param>
    /// <param name="settings">Environment variables of the test.</param>
    /// <param name="cancellationToken">Ends the test, which ends its pipelines.</param>
    public static async Task<ExitCode> RunAsync(
        Installation installation, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var assembly = Path.Combine(
            installation.Checkout, "tests", "EndToEnd", "bin", "Release", "net10.0", "CpfPipeline.Tests.EndToEnd.dll");
        if (!File.Exists(assembly))
        {
            throw CommandException.Infrastructure("tests/EndToEnd is not built: start it with infra/cpf");
        }

        var start = DotnetProgram.Of(assembly, ["-noLogo", "-class", "*ChaosTests"]);
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw CommandException.Infrastructure("tests/EndToEnd could not be started");
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C reaches the test as well. It stops its pipelines before it ends.
            if (ProcessTable.StartTicks(process.Id) is { } ticks)
            {
                ProcessTable.Signal(new ProcessRecord(process.Id, ticks), ProcessTable.Interrupt);
            }

            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        return process.ExitCode == 0 ? ExitCode.Done : ExitCode.Rejected;
    }
}
