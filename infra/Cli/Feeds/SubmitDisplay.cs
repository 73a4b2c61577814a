using System.Globalization;
using CpfPipeline.Cli.Display;
using Spectre.Console;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Progress bars on a terminal; elsewhere a line every few seconds.</summary>
internal static class SubmitDisplay
{
    public static Task<T> RunAsync<T>(Func<ISubmitDisplay, Task<T>> work) =>
        BarDisplay.RunAsync(live => work(new Bars(live, TimeProvider.System)), () => work(new Lines(Console.Out, TimeProvider.System)));

    /// <summary>At most a line every five seconds, and one for every change of phase.</summary>
    internal sealed class Lines(TextWriter output, TimeProvider time) : ISubmitDisplay
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
        private readonly ReadingText _reading = new(time);
        private long? _last;
        private bool _ended;
        private bool _matched;

        public void Show(SubmitProgress progress)
        {
            var reading = _reading.Of(progress);
            var phaseChanged = progress.FeedsEnded != _ended || progress.Matched != _matched;
            if (!phaseChanged && _last is { } last && time.GetElapsedTime(last) < Pause)
            {
                return;
            }

            (_ended, _matched, _last) = (progress.FeedsEnded, progress.Matched, time.GetTimestamp());
            output.WriteLine(
                $"read {reading}; "
                + $"matched {Number(progress.Images.Live - progress.Images.Unmatched)} of {Number(progress.Images.Live)} images");
        }

        public void ShowReconciling() => output.WriteLine("reconciling");

        public void ShowReconciled()
        {
        }
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private sealed class Bars : ISubmitDisplay
    {
        private readonly ReadingText _reading;
        private readonly ProgressTask _read;
        private readonly ProgressTask _match;
        private readonly ProgressTask _reconcile;

        public Bars(ProgressContext live, TimeProvider time)
        {
            _reading = new(time);
            _read = live.AddTask("read", autoStart: true);
            _match = live.AddTask("match", autoStart: true);
            _reconcile = live.AddTask("reconcile", autoStart: false);
        }

        public void Show(SubmitProgress progress)
        {
            _read.Description = $"read      {_reading.Of(progress)}";
            Set(_read, progress.Rows, progress.RowsTotal, progress.FeedsEnded);

            // Before a feed is read to its end, its rows are the best guess of how many images there will be.
            var images = progress.FeedsEnded ? progress.Images.Live : Math.Max(progress.Images.Live, progress.RowsTotal ?? 0);
            var matched = progress.Images.Live - progress.Images.Unmatched;
            _match.Description = $"match     {Number(matched)} of {Number(images)} images";
            Set(_match, matched, progress.FeedsEnded || progress.RowsTotal is not null ? images : null, progress.Matched);
        }

        public void ShowReconciling()
        {
            _reconcile.StartTask();
            _reconcile.IsIndeterminate = true;
        }

        public void ShowReconciled() => Set(_reconcile, 1, 1, done: true);

        private static void Set(ProgressTask task, long value, long? max, bool done)
        {
            task.IsIndeterminate = max is null && !done;
            task.MaxValue = Math.Max(1, max ?? 1);
            task.Value = done ? task.MaxValue : Math.Min(value, task.MaxValue * 0.999);
            if (done)
            {
                task.StopTask();
            }
        }
    }
}
