using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>How a command ended and what it printed.</summary>
public sealed record Outcome(int ExitCode, string Output, string Errors)
{
    /// <summary>Fails with everything printed unless the exit code is the expected one.</summary>
    public Outcome Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode} instead of {exitCode}\n{Output}\n{Errors}");
        return this;
    }
}
