namespace CpfPipeline.CommandLine;

/// <summary>How a program ends when something went wrong.</summary>
/// <param name="ExitCode">What the process ends with.</param>
/// <param name="Message">What its user reads: no stack trace.</param>
public sealed record ProgramFailure(int ExitCode, string Message);
