using System.Diagnostics;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting;

public sealed class ServiceProgramTests
{
    private static readonly string[] Working =
    [
        "--ConnectionStrings:Postgres", "Host=127.0.0.1;Port=1;Password=topsecret", "--ConnectionStrings:RabbitMq",
        "amqp://u:topsecret@127.0.0.1:1/v", "--Blobs:Folder", "/dev/shm",
    ];

    [Theory]
    [InlineData("Ingest")]
    [InlineData("Embedder")]
    [InlineData("Matcher")]
    [InlineData("Trainer")]
    public async Task Start_NoSettings_NamesTheMissingOne(string service)
    {
        var (code, errors) = await RunAsync(service);
        Assert.Equal((2, $"{service} cannot run: The setting ConnectionStrings:RabbitMq is missing: set the environment variable "
            + "ConnectionStrings__RabbitMq.\n"), (code, errors));
    }

    [Theory]
    [InlineData(2, "MaxRequestsPerHost must be between", "--Ingest:MaxRequestsPerHost", "-4")]
    [InlineData(2, "Ingest:MaxRequestsPerHost", "--Ingest:MaxRequestsPerHost", "many")]
    [InlineData(2, "ConnectionStrings:Postgres cannot be used", "--ConnectionStrings:Postgres", "Host=x;Password=topsecret;Nonsense=1")]
    [InlineData(2, "/no/such.pem", "--ConnectionStrings:RabbitMq", "amqps://u:topsecret@127.0.0.1/v?cacertfile=/no/such.pem")]
    [InlineData(3, "/proc/blobs", "--Blobs:Folder", "/proc/blobs")]
    [InlineData(2, "Blobs:S3:Endpoint may hold no user", "--Blobs:S3:Bucket", "photos", "--Blobs:S3:Endpoint", "http://u:topsecret@a")]
    public async Task Start_SettingThatCannotBeUsed_SaysWhichInOneLine(int expected, string named, params string[] settings)
    {
        var (code, errors) = await RunAsync("Ingest", [.. Working, .. settings]);
        Assert.Equal(expected, code);
        Assert.Contains(named, errors, StringComparison.Ordinal);
        Assert.Equal(1, errors.Count(c => c == '\n'));
        Assert.DoesNotContain("topsecret", errors, StringComparison.Ordinal);
    }

    // An engine or systemd may do so at any time; a crash would be taken for one.
    [Fact]
    public async Task Stop_WhileItWaitsForTheBroker_IsAnOrderlyEnd()
    {
        var program = Path.Combine(Repository.Root(), "Ingest", "bin", "Release", "net10.0", "CpfPipeline.Ingest.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. Working]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var waits = false;
            while (!waits && await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                waits = line.Contains("RabbitMQ at 127.0.0.1:1 is not reached", StringComparison.Ordinal);
            }

            Assert.True(waits);

            using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            {
                await kill.WaitForExitAsync(patience.Token);
            }

            await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.Equal((0, ""), (process.ExitCode, await errors));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static async Task<(int Code, string Errors)> RunAsync(string service, params string[] arguments)
    {
        var program = Path.Combine(Repository.Root(), service, "bin", "Release", "net10.0", $"CpfPipeline.{service}.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment.Remove("ConnectionStrings__RabbitMq");
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = await process.StandardError.ReadToEndAsync(patience.Token);
            await output;
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
