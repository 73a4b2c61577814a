using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Local;

namespace CpfPipeline.Cli.Verbs;

internal sealed class DownVerb : IVerb
{
    public string Name => "down";

    public string Summary => "stop every process of this checkout; the data stays";

    public string Usage => "";

    public IReadOnlyList<Option> Options => [];

    public int MaxPositionals => 0;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        var stopped = await new LocalStack(installation).DownAsync(cancellationToken);
        Console.WriteLine(stopped == 0 ? "down; nothing was running" : $"down; {stopped} processes stopped");
        return ExitCode.Done;
    }
}
