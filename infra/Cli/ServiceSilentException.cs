namespace CpfPipeline.Cli;

/// <summary>A service does not answer, or that it cannot serve now. Ends a verb like every <see cref="CommandException"/>, unless somebody knows that it is worth waiting.</summary>
internal sealed class ServiceSilentException(string message) : CommandException(ExitCode.Infrastructure, message);
