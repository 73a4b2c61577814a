using System.Globalization;

namespace CpfPipeline.Trainer.Offline;

/// <summary>One line on a terminal that says what a command is doing; nothing where the writer is no terminal.</summary>
internal sealed class ProgressLine : IDisposable
{
    private const int Width = 78;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly TextWriter? _terminal;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private string _step = "";
    private long _stepStart;
    private long _written;
    private bool _isOpen;

    public ProgressLine(TextWriter writer, TimeProvider time)
    {
        _terminal = ReferenceEquals(writer, Console.Error) && !Console.IsErrorRedirected ? writer : null;
        _time = time;
    }

    /// <summary>From any thread.</summary>
    /// <param name="step">What is being done.</param>
    /// <param name="share">Of the step, 0 to 1.</param>
    public void Report(string step, double share)
    {
        if (_terminal is null)
        {
            return;
        }

        lock (_gate)
        {
            var isNew = step != _step;
            if (isNew)
            {
                (_step, _stepStart) = (step, _time.GetTimestamp());
            }

            if (!isNew && _time.GetElapsedTime(_written) < Pause)
            {
                return;
            }

            var spent = _time.GetElapsedTime(_stepStart);
            var left = share > .02 && spent > TimeSpan.FromSeconds(1)
                ? string.Create(CultureInfo.InvariantCulture, $", {spent.TotalSeconds * (1 - share) / share:0} s left")
                : "";
            var text = string.Create(CultureInfo.InvariantCulture, $"{step} {share * 100:0} %{left}");
            _terminal.Write($"\r{text.PadRight(Width)[..Width]}");
            (_written, _isOpen) = (_time.GetTimestamp(), true);
        }
    }

    /// <summary>Wipes the line.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isOpen)
            {
                _terminal!.Write($"\r{new string(' ', Width)}\r");
            }

            _isOpen = false;
        }
    }
}
