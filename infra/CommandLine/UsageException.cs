namespace CpfPipeline.CommandLine;

/// <summary>The command line is wrong. The message says where and what to write instead.</summary>
public sealed class UsageException(string message) : Exception(message);
