using System.Diagnostics;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>The built executables of the checkout that the tests run from.</summary>
internal static class Cli
{
    public static string Checkout { get; } = FindCheckout();

    /// <summary>The command line behind <c>infra/cpf</c>.</summary>
    public static string Program { get; } = Built("infra/Cli", "Cli");

    /// <summary>The executable behind the offline verbs.</summary>
    public static string Trainer { get; } = Built("Trainer", "Trainer");

    /// <summary>Pictures of the demonstration: part of the repository.</summary>
    public static string Pictures { get; } = Path.Combine(Checkout, "infra", "demo", "pictures");

    // Nothing that the suite does by itself takes that long; the enlarged runs (see PartitionTests, DemoTests) do on a busy machine.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public static async Task<Outcome> RunAsync(string assembly, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new Outcome(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{string.Join(' ', arguments)}' did not end in {Limit.TotalMinutes} minutes.");
        }
    }

    private static string Built(string folder, string name) =>
        Path.Combine(Checkout, folder, "bin", "Release", "net10.0", $"CpfPipeline.{name}.dll");

    private static string FindCheckout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CpfPipeline.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests must run from inside the checkout.");
    }
}
