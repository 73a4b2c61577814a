using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace CpfPipeline.Tests.Integration.Telemetry;

/// <summary>Prometheus' own checks. Debian's package <c>prometheus</c> brings them, and <c>infra/cpf test</c> installs it.</summary>
internal static class Promtool
{
    /// <summary>Runs it; fails with what it says. Skips the test where it is not installed, which fails in CI.</summary>
    public static async Task RunAsync(string folder, IEnumerable<string> arguments, string? input)
    {
        using var process = Start(folder, arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{await output}\n{await errors}");
    }

    private static Process Start(string folder, IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("promtool", arguments)
            {
                WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception)
        {
            const string Advice = "promtool is not there: install the package prometheus";
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", Advice);
            throw new InvalidOperationException($"{Advice}; in CI no test may be skipped for that");
        }
    }
}
