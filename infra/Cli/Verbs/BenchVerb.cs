using System.Diagnostics;
using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Local;

namespace CpfPipeline.Cli.Verbs;

internal sealed class BenchVerb : IVerb
{
    private static readonly Option Photos = new("--photos", "photos to measure with, instead of those of the folder shared beside the checkout", Value: "FOLDER");
    private static readonly Option Json = new("--json", "print the results as JSON");

    public string Name => "bench";

    public string Summary => "measure the pipeline on private servers; results go to tests/Benchmarks/results";

    public string Usage => "[decode|embedder|messages|reconcile|memory|losses|head-scale|kernels [-- OPTIONS]]... [--photos FOLDER] [--json]";

    public IReadOnlyList<Option> Options => [Photos, Json];

    public int MaxPositionals => int.MaxValue;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        var program = Path.Combine(installation.Checkout, "tests", "Benchmarks", "bin", "Release", "net10.0", "CpfPipeline.Tests.Benchmarks.dll");
        if (!File.Exists(program))
        {
            throw CommandException.Infrastructure("tests/Benchmarks is not built: start it with infra/cpf");
        }

        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet") { UseShellExecute = false };
        start.ArgumentList.Add(program);
        arguments.Positionals.ForEach(start.ArgumentList.Add);
        if (arguments.Value(Photos) is { } photos)
        {
            start.ArgumentList.Add(Photos.Name);
            start.ArgumentList.Add(photos);
        }

        if (arguments.Has(Json))
        {
            start.ArgumentList.Add(Json.Name);
        }

        if (arguments.Has(Json))
        {
            Console.SetOut(Console.Error); // The program's output stays alone on the standard output.
        }

        var stack = new LocalStack(installation);
        var ranBefore = ProcessTable.Of(installation).Count > 0;
        try
        {
            if (NeedsServers(arguments.Positionals))
            {
                // Only the servers: services that run beside would be measured, too.
                await StepDisplay.RunAsync(display => stack.StartServersAsync(display, migrate: false, cancellationToken));
                ProgramServers.Tell(start, installation);
            }

            return await RunAsync(start, cancellationToken);
        }
        finally
        {
            if (!ranBefore)
            {
                await stack.DownAsync(CancellationToken.None);
            }
        }
    }

    private static bool NeedsServers(IReadOnlyList<string> names) =>
        names is not ["kernels", ..] && (names.Count == 0 || !names.All(n => n.StartsWith("losses", StringComparison.Ordinal) || n == "head-scale"));

    private static async Task<ExitCode> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var process = Process.Start(start) ?? throw CommandException.Infrastructure("tests/Benchmarks could not be started");
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C reaches it as well, a signal to this process alone does not: it removes its database and ends.
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
