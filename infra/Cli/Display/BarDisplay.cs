using Spectre.Console;

namespace CpfPipeline.Cli.Display;

/// <summary>Runs work below progress bars on a terminal, and with lines of text elsewhere.</summary>
internal static class BarDisplay
{
    /// <param name="withBars">The work on a terminal; its tasks show as bars.</param>
    /// <param name="withLines">The work elsewhere.</param>
    public static async Task<T> RunAsync<T>(Func<ProgressContext, Task<T>> withBars, Func<Task<T>> withLines) =>
        Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive
            ? await withLines()
            : await AnsiConsole.Progress()
                .Columns(
                    new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                    new ElapsedTimeColumn(), new SpinnerColumn())
                .StartAsync(withBars);
}
