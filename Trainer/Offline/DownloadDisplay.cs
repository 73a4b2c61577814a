using System.Globalization;
using Spectre.Console;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Shows how far downloads are: a bar with speed and time left on a terminal, else a line every half minute.</summary>
internal sealed class DownloadDisplay : IDisposable
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    private readonly ProgressLine? _line;
    private readonly Dictionary<string, ProgressTask> _tasks = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _end = new();
    private readonly Task _shown = Task.CompletedTask;
    private ProgressContext? _context;

    private DownloadDisplay(ProgressLine line) => _line = line;

    private DownloadDisplay(IAnsiConsole terminal)
    {
        var started = new TaskCompletionSource();
        _shown = terminal.Progress().Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new DownloadedColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                context.Refresh();
                _context = context;
                started.SetResult();
                await _end.Task;
            });
        started.Task.Wait(Refresh * 50);
    }

    public static DownloadDisplay Of(OfflineConsole console)
    {
        if (!ReferenceEquals(console.Error, Console.Error) || Console.IsErrorRedirected)
        {
            return new DownloadDisplay(new ProgressLine(console.Error, console.Time));
        }

        return new DownloadDisplay(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(console.Error) }));
    }

    /// <param name="path">What is fetched.</param>
    /// <param name="done">Bytes that are there.</param>
    /// <param name="of">Of how many; null: not known.</param>
    public void Report(string path, long done, long? of)
    {
        if (_line is not null)
        {
            _line.Report(
                string.Create(CultureInfo.InvariantCulture, $"{path} ({(of ?? done) / 1e6:0.0} MB)"),
                of is > 0 ? (double)done / of.Value : 0);
            return;
        }

        if (_context is not { } context)
        {
            return;
        }

        if (!_tasks.TryGetValue(path, out var task))
        {
            _tasks[path] = task = context.AddTask(Markup.Escape(path), maxValue: of ?? 1);
        }

        task.MaxValue = of ?? done;
        task.Value = done;
    }

    public void Dispose()
    {
        _line?.Dispose();
        _end.TrySetResult();
        _shown.Wait();
    }
}
