using System.Globalization;
using Spectre.Console;

namespace CpfPipeline.Cli.Display;

/// <summary>Shows named steps as they run: spinners on a terminal, a line for each finished step elsewhere.</summary>
internal sealed class StepDisplay
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(30);

    private readonly ProgressContext? _live;

    private StepDisplay(ProgressContext? live) => _live = live;

    public static async Task RunAsync(Func<StepDisplay, Task> work)
    {
        if (Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            await work(new StepDisplay(null));
            return;
        }

        await AnsiConsole.Progress()
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ElapsedTimeColumn())
            .StartAsync(live => work(new StepDisplay(live)));
    }

    /// <param name="name">Of the step.</param>
    /// <param name="work">Does the step and says how it ended, in a few words.</param>
    public Task StepAsync(string name, Func<Task<string>> work) => StepAsync(name, _ => work());

    /// <param name="name">Of the step.</param>
    /// <param name="work">
    /// Does the step and says how it ended, in a few words. It may tell what it waits for; on no terminal that is shown every half minute.
    /// </param>
    public async Task StepAsync(string name, Func<Action<string>, Task<string>> work)
    {
        long? told = null;
        var start = TimeProvider.System.GetTimestamp();
        var task = _live?.AddTask(Markup.Escape(name)).IsIndeterminate();
        try
        {
            var outcome = await work(Tell);
            if (task is not null)
            {
                task.Description = Markup.Escape($"{name,-10} {outcome}");
                task.Value = task.MaxValue;
            }
            else
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{name,-10} {outcome} ({TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s)"));
            }
        }
        finally
        {
            task?.StopTask();
        }

        void Tell(string doing)
        {
            if (task is not null)
            {
                task.Description = Markup.Escape($"{name,-10} {doing}");
            }
            else if (told is null || TimeProvider.System.GetElapsedTime(told.Value) >= BetweenLines)
            {
                told = TimeProvider.System.GetTimestamp();
                Console.WriteLine($"{name,-10} {doing}");
            }
        }
    }
}
