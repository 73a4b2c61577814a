using System.Globalization;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Shows what a command is doing: one line that is rewritten on a terminal, a line every half minute in a file.</summary>
internal sealed class ProgressLine : IDisposable
{
    private const int Width = 78;
    private static readonly TimeSpan TerminalPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FilePause = TimeSpan.FromSeconds(30);

    private readonly TextWriter _writer;
    private readonly bool _isTerminal;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private string _step = "";
    private long _stepStart;
    private long _written;
    private bool _isOpen;

    public ProgressLine(TextWriter writer, TimeProvider time)
    {
        _writer = writer;
        _isTerminal = ReferenceEquals(writer, Console.Error) && !Console.IsErrorRedirected;
        (_time, _written) = (time, time.GetTimestamp());
    }

    /// <summary>From any thread.</summary>
    /// <param name="step">What is being done.</param>
    /// <param name="share">Of the step, 0 to 1.</param>
    public void Report(string step, double share)
    {
        lock (_gate)
        {
            var isNew = step != _step;
            if (isNew)
            {
                (_step, _stepStart) = (step, _time.GetTimestamp());
            }

            if (_isTerminal ? !isNew && _time.GetElapsedTime(_written) < TerminalPause : _time.GetElapsedTime(_written) < FilePause)
            {
                return;
            }

            var spent = _time.GetElapsedTime(_stepStart);
            var left = share > .02 && spent > TimeSpan.FromSeconds(1)
                ? string.Create(CultureInfo.InvariantCulture, $", {spent.TotalSeconds * (1 - share) / share:0} s left")
                : "";
            var text = string.Create(CultureInfo.InvariantCulture, $"{step} {share * 100:0} %{left}");
            if (_isTerminal)
            {
                _writer.Write($"\r{text.PadRight(Width)[..Width]}");
                _isOpen = true;
            }
            else
            {
                _writer.WriteLine(text);
            }

            _written = _time.GetTimestamp();
        }
    }

    /// <summary>Wipes the line.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isOpen)
            {
                _writer.Write($"\r{new string(' ', Width)}\r");
            }

            _isOpen = false;
        }
    }
}
