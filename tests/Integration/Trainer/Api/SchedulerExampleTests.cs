using System.Diagnostics;
using System.Text.RegularExpressions;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Nights.Driver;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Api;

/// <summary>The examples of <c>infra/schedulers/README.md</c> do what they say.</summary>
public sealed partial class SchedulerExampleTests(TestDatabases databases, TestBroker broker)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("finished", 0)]
    [InlineData("refused", 4)]
    [InlineData("too_little_data", 5)]
    [InlineData("failed", 3)]
    public async Task Cron_LineAndScript_BeginANightAndEndWithItsOutcome(string state, int exitCode)
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        harness.Builder.Passes = state != "refused";
        harness.Builder.TooLittle = state == "too_little_data" ? "nothing to learn from" : null;
        harness.Builder.Fails = state == "failed" ? () => new NotSupportedException("no such thing") : null;
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));
        using var example = await Example.WriteAsync(trainer.Address);

        var (code, output) = await example.RunCronLineAsync();
        var (again, _) = await example.RunCronLineAsync();

        Assert.True(code == exitCode, output);
        Assert.StartsWith(state, output, StringComparison.Ordinal);
        Assert.Equal(exitCode, again); // The same day, the same run.
        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.training_runs where trigger = 'http'"));
    }

    [Fact]
    public async Task Cron_NoTrainer_EndsAsNotReached()
    {
        using var example = await Example.WriteAsync(new Uri("http://127.0.0.1:9"));

        Assert.Equal(3, (await example.RunCronLineAsync()).Code);
    }

    /// <summary>The script and the crontab of the page, with the paths and the address of this test.</summary>
    internal sealed partial class Example(DirectoryInfo folder, string crontab) : IDisposable
    {
        public static async Task<Example> WriteAsync(Uri trainer)
        {
            var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "infra", "schedulers", "README.md"), Token);
            var folder = Directory.CreateTempSubdirectory("cpf-scheduler-");
            var script = Path.Combine(folder.FullName, "cpf-night");
            await File.WriteAllTextAsync(script, Script().Match(page).Groups[1].Value, Token);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }

            var header = Path.Combine(folder.FullName, "night.header");
            await File.WriteAllTextAsync(header, $"Authorization: Bearer {TestKey.Text}\n", Token);
            var crontab = Crontab().Match(page).Groups[1].Value
                .Replace("/usr/local/bin/cpf-night", script, StringComparison.Ordinal)
                .Replace("/etc/cpf/night.header", header, StringComparison.Ordinal)
                .Replace("http://127.0.0.1:5004", trainer.ToString().TrimEnd('/'), StringComparison.Ordinal);
            Assert.Contains(script, crontab, StringComparison.Ordinal);
            Assert.Contains(header, crontab, StringComparison.Ordinal);
            return new Example(folder, crontab);
        }

        /// <summary>Runs the line as cron does: <c>/bin/sh -c</c> with next to no environment.</summary>
        public async Task<(int Code, string Output)> RunCronLineAsync()
        {
            var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment.Clear();
            start.Environment["PATH"] = "/usr/bin:/bin";
            start.Environment["CPF_INTERVAL"] = "0.1"; // Only for the test's speed.
            foreach (Match variable in Variable().Matches(crontab))
            {
                start.Environment[variable.Groups[1].Value] = variable.Groups[2].Value;
            }

            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(Line().Match(crontab).Groups[1].Value);
            using var process = Process.Start(start)!;
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
            await process.WaitForExitAsync(Token);
            return (process.ExitCode, await output + await errors);
        }

        public void Dispose() => folder.Delete(recursive: true);

        [GeneratedRegex("```sh\n(#!/bin/sh\n(?:(?!```).*\n)+)```")]
        private static partial Regex Script();

        [GeneratedRegex("```crontab\n((?:(?!```).*\n)+)```")]
        private static partial Regex Crontab();

        [GeneratedRegex("^([A-Z_]+)=(.*)$", RegexOptions.Multiline)]
        private static partial Regex Variable();

        [GeneratedRegex(@"^(?:[0-9*/,-]+ ){5}(.+)$", RegexOptions.Multiline)]
        private static partial Regex Line();
    }
}
