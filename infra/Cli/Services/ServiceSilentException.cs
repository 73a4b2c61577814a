namespace CpfPipeline.Cli.Services;

/// <summary>
/// A service does not answer, or answers that it cannot serve now. Ends a verb like every <see cref="CommandException"/>, unless the caller
/// waits for the service.
/// </summary>
internal sealed class ServiceSilentException(string message) : CommandException(ExitCode.Infrastructure, message);
