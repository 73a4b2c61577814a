namespace CpfPipeline.Cli;

/// <summary>Ends a verb with an exit code and a message for the user, without a stack trace.</summary>
internal class CommandException(ExitCode exitCode, string message) : Exception(message)
{
    public ExitCode ExitCode { get; } = exitCode;

    public static CommandException Usage(string message) => new(ExitCode.Usage, message);

    public static CommandException Infrastructure(string message) => new(ExitCode.Infrastructure, message);
}
