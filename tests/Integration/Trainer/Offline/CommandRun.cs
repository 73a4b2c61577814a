using CpfPipeline.Trainer.Offline;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Offline;

/// <summary>What a verb did.</summary>
internal sealed record CommandRun(int Code, string Output, string Error)
{
    /// <summary>Runs a verb within this process.</summary>
    public static CommandRun Of(params string[] args) => Of(args, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>The same with another clock, or a stop of its own.</summary>
    public static CommandRun Of(string[] args, TimeProvider time, CancellationToken cancellationToken)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = OfflineCommand.Run(args, output, error, time, cancellationToken);
        return new CommandRun(code, output.ToString(), error.ToString());
    }
}
