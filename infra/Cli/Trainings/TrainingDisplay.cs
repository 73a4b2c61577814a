using System.Globalization;
using CpfPipeline.Cli.Display;
using CpfPipeline.Vocabulary;
using Spectre.Console;

namespace CpfPipeline.Cli.Trainings;

/// <summary>A bar with step and time left on a terminal; elsewhere a line for each step and every few seconds.</summary>
internal static class TrainingDisplay
{
    private const int ShownMessage = 70;

    public static Task<T> RunAsync<T>(Func<ITrainingDisplay, Task<T>> work) =>
        BarDisplay.RunAsync(live => work(new Bar(live)), () => work(new Lines(Console.Out, TimeProvider.System)));

    /// <summary>What is being done, how far that is, and how much longer all will take.</summary>
    internal static string Describe(RunAnswer run)
    {
        var message = run.Message is { } said ? $", {said}" : "";
        var left = run.EtaSeconds is { } seconds ? $", about {Left(seconds)} left" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{run.Step.Replace('_', ' ')} {run.Progress:P0}{message}{left}");
    }

    private static string Left(double seconds) => FormattableString.Invariant(
        seconds < 90
            ? $"{Math.Max(1, seconds):0} s" : seconds < 5400 ? $"{seconds / 60:0} min" : (FormattableString)$"{seconds / 3600:0.0} h");

    /// <summary>At most a line every five seconds, and one for every step.</summary>
    internal sealed class Lines(TextWriter output, TimeProvider time) : ITrainingDisplay
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
        private string? _step;
        private long _last;

        public void Show(RunAnswer run)
        {
            if (run.HasEnded || (run.Step == _step && time.GetElapsedTime(_last) < Pause))
            {
                return;
            }

            (_step, _last) = (run.Step, time.GetTimestamp());
            output.WriteLine(Describe(run));
        }
    }

    private sealed class Bar(ProgressContext live) : ITrainingDisplay
    {
        private readonly ProgressTask _task = live.AddTask(TrainingRunStep.Queued, autoStart: true, maxValue: 1);

        public void Show(RunAnswer run)
        {
            var text = Describe(run);
            _task.Description = Markup.Escape(text.Length > ShownMessage ? text[..(ShownMessage - 3)] + "..." : text);
            _task.Value = run.HasEnded ? 1 : Math.Min(run.Progress, .999);
        }
    }
}
