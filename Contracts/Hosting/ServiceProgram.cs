using CpfPipeline.Hosting.Health;
using CpfPipeline.Hosting.Settings;
using CpfPipeline.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Hosting;

/// <summary>Runs a service as a process.</summary>
public static class ServiceProgram
{
    /// <summary>Builds and runs it until it is stopped. Who operates it reads one line, not a stack, about a setting or server.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="args">The command line. The word <c>health</c> asks the one that runs already.</param>
    /// <param name="build">Builds it.</param>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(string service, string[] args, Func<WebApplication> build)
    {
        if (args is [HealthProbe.Word])
        {
            return await HealthProbe.RunAsync(new ConfigurationBuilder().AddEnvironmentVariables().Build());
        }

        var stopping = CancellationToken.None;
        try
        {
            await using var app = build();
            stopping = app.Lifetime.ApplicationStopping;

            // Before the host starts: it would log each of these failures with its stack.
            app.Services.GetService<IStartupValidator>()?.Validate();
            _ = app.Services.GetServices<IHostedService>().Count();
            await app.Services.CheckBlobsAsync(CancellationToken.None);
            await app.RunAsync();
            return 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0; // Asked to stop before it had started.
        }
        catch (Exception e) when (StartFailure.Of(e) is { } failure)
        {
            await Console.Error.WriteLineAsync($"{service} cannot run: {failure.Text}");
            return failure.ExitCode;
        }
    }
}
