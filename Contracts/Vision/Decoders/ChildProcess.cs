using System.Globalization;
using System.Runtime.InteropServices;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Vision.Decoders;

/// <summary>A process that this one started, by its number, until it is waited for: until then nobody else has that number.</summary>
/// <param name="id">Its number.</param>
internal sealed class ChildProcess(int id)
{
    /// <summary>How <see cref="End"/> tells of one that was killed before.</summary>
    public const string KilledBySomebody = "signal 9";

    private const int KillSignal = 9;
    private const int DontWait = 1;
    private const int MaxPolls = 100;
    private const int MillisecondsPerPoll = 2;
    private const double TicksPerSecond = 100; // USER_HZ, fixed in Linux' interface to programs.

    private readonly Lock _gate = new();
    private int? _status;

    public int Id => id;

    /// <summary>Whether it has ended by itself, or does so within a moment.</summary>
    public unsafe bool HasEnded()
    {
        lock (_gate)
        {
            for (var i = 0; _status is null && i < MaxPolls; i++)
            {
                if (Libc.WaitFor(id, out var found, DontWait) == id)
                {
                    _status = found;
                }
                else
                {
                    _ = Libc.Poll(null, 0, MillisecondsPerPoll);
                }
            }

            return _status is not null;
        }
    }

    /// <summary>Kills it, and lets whoever waits for it find that out.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            if (_status is null)
            {
                _ = Libc.Kill(id, KillSignal);
            }
        }
    }

    /// <summary>Kills it if it still runs, and waits until it is gone.</summary>
    /// <returns>How it ended: <c>signal 11</c>, <c>exit code 3</c>.</returns>
    public string End()
    {
        lock (_gate)
        {
            if (_status is null)
            {
                _ = Libc.Kill(id, KillSignal);
                int found, status;
                do
                {
                    found = Libc.WaitFor(id, out status, 0);
                }
                while (found == -1 && Marshal.GetLastPInvokeError() == Libc.Interrupted);
                _status = found == id ? status : 0;
            }

            var ended = _status.Value;
            return (ended & 0x7F) is var signal and not 0 ? $"signal {signal}" : $"exit code {(ended >> 8) & 0xFF}";
        }
    }

    /// <summary>Memory that it holds; 0 when it cannot be told.</summary>
    public long ResidentBytes() =>
        Read("statm") is { } text ? Environment.SystemPageSize * long.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture) : 0;

    /// <summary>Processor time that it took; the longest there is when it cannot be told.</summary>
    public TimeSpan ProcessorTime() => Look()?.ProcessorTime ?? TimeSpan.MaxValue;

    /// <summary>Processor time that it took, and how many threads it has; null when it cannot be told.</summary>
    public (TimeSpan ProcessorTime, int Threads)? Look()
    {
        if (Read("stat") is not { } text)
        {
            return null;
        }

        // Fields 14, 15 and 20 of proc(5), counted behind the name in brackets.
        const int user = 11;
        const int threads = 17;
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (
            TimeSpan.FromSeconds((double.Parse(fields[user], CultureInfo.InvariantCulture)
                + double.Parse(fields[user + 1], CultureInfo.InvariantCulture)) / TicksPerSecond),
            int.Parse(fields[threads], CultureInfo.InvariantCulture));
    }

    // Where /proc is hidden from other users' processes, one that cannot be dumped is hidden too.
    private string? Read(string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
