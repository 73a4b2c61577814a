using System.ComponentModel;
using System.Text;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Vision.Decoders;

/// <summary>A decoder's process, as the one that started it sees it. One picture at a time. What it answers is not believed.</summary>
internal sealed class DecoderProcess : IDisposable
{
    private const int MinLargeBytes = 4 << 20;
    private const int PicturesPerLook = 32;

    // The runtime starts some of its own, and a few for each core.
    private const int MaxThreads = 64;
    private const int MaxThreadsPerCore = 4;
    private static readonly TimeSpan MaxStartTime = TimeSpan.FromSeconds(60);

    private readonly DecoderSettings _settings;
    private readonly TimeProvider _time;
    private readonly SharedRegion _region;
    private readonly ChildProcess _child;
    private readonly int _requests;
    private readonly int _answers;
    private readonly long _startedAt;
    private int _pictures;
    private TimeSpan? _workAtRest;

    private DecoderProcess(DecoderSettings settings, TimeProvider time, SharedRegion region, int requests, int answers, int pid)
    {
        (_settings, _time, _region, _requests, _answers, _child) = (settings, time, region, requests, answers, new ChildProcess(pid));
        _startedAt = time.GetTimestamp();
        Descriptors.NeverWait(requests);
    }

    /// <summary>Its number.</summary>
    public int Id => _child.Id;

    /// <summary>What stands around it.</summary>
    public Wall Walls { get; private set; }

    /// <summary>What the last answer made, until the next picture. The process may still write there: copy first, then look.</summary>
    public ReadOnlySpan<byte> Output => _region.Output;

    /// <summary>Starts one and waits until its walls stand.</summary>
    /// <exception cref="DecoderStartException">It does not start, or lacks walls that are required.</exception>
    public static DecoderProcess Start(DecoderStarter starter, DecoderSettings settings, TimeProvider time)
    {
        var process = Open(starter, settings, time);
        try
        {
            process.Greet(starter.Walls);
            return process;
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>Has a picture decoded.</summary>
    /// <param name="bytes">Its file, not longer than the limit.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="format">What its first bytes say.</param>
    /// <param name="expected">Length of the result; null: any.</param>
    /// <param name="length">Bytes of <see cref="Output"/>; 0 when the picture is refused.</param>
    /// <exception cref="DecoderLostException">The process is lost.</exception>
    public DecodeOutcome Ask(ReadOnlySpan<byte> bytes, DecoderMessages.Request request, string format, int? expected, out int length)
    {
        // An answer before its question is another picture's.
        if (Descriptors.HasSomething(_answers))
        {
            throw _child.HasEnded() ? Lost(DecoderLoss.Killed) : Lost(DecoderLoss.Disobeyed);
        }

        // Who works without a picture is not ours any more.
        if (_workAtRest is { } before && _child.Look() is { } now && now.ProcessorTime - before > _settings.MaxIdleWork)
        {
            throw Lost(DecoderLoss.Disobeyed);
        }

        bytes.CopyTo(_region.Input);
        request.Number = ++_pictures;
        var writing = Descriptors.Write(_requests, request);
        if (writing != Descriptors.Writing.Done)
        {
            throw Lost(writing == Descriptors.Writing.Full ? DecoderLoss.Disobeyed : DecoderLoss.Killed);
        }

        var answer = ReadAnswer();
        if (answer.Number != request.Number || !AnswerCheck.IsPossible(answer, format, expected, _settings.Limits))
        {
            throw Lost(DecoderLoss.Disobeyed);
        }

        Span<byte> buffer = stackalloc byte[DecoderMessages.MaxTextBytes];
        var text = buffer[..answer.TextLength];
        Expect(Descriptors.Read(_answers, text, _settings.Grace, _time));
        if (text.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            throw Lost(DecoderLoss.Disobeyed); // It goes to logs, to the database and to people.
        }

        var words = Encoding.ASCII.GetString(text);
        if (answer.Reason == DecoderMessages.Answer.Broken)
        {
            throw new DecoderLostException(DecoderLoss.Crashed, words);
        }

        length = answer.OutputLength;
        return answer.Reason >= 0
            ? DecodeOutcome.Refused(
                DecoderMessages.Reasons[answer.Reason], words, answer.Format < 0 ? null : format, answer.Width, answer.Height)
            : DecodeOutcome.Ok(format, answer.Width, answer.Height);
    }

    /// <summary>Looks after the process between two pictures.</summary>
    /// <param name="bytes">Length of the last picture's file and of its result.</param>
    /// <returns>Why it is to be replaced; null: it may go on.</returns>
    public DecoderLoss? Rest(long bytes)
    {
        if (_pictures >= _settings.PicturesPerProcess || _time.GetElapsedTime(_startedAt) > _settings.MaxAge)
        {
            return DecoderLoss.Retired;
        }

        var found = _child.Look();
        _workAtRest = found?.ProcessorTime;
        if (found?.Threads > MaxThreads + (MaxThreadsPerCore * Environment.ProcessorCount))
        {
            return DecoderLoss.Disobeyed;
        }

        var isLarge = bytes >= MinLargeBytes;
        if (isLarge)
        {
            _region.Clear();
        }

        return (isLarge || _pictures % PicturesPerLook == 0) && _child.ResidentBytes() > _settings.MaxIdleMemoryBytes
            ? DecoderLoss.Grew : null;
    }

    /// <summary>Ends it from any thread: whoever waits for its answer learns that it is lost.</summary>
    public void Kill() => _child.Kill();

    /// <summary>Ends it at once: it holds nothing that anybody needs. Nobody may ask it then.</summary>
    public void Dispose()
    {
        _child.End();
        _ = Libc.Close(_requests);
        _ = Libc.Close(_answers);
        _region.Close();
    }

    private static DecoderProcess Open(DecoderStarter starter, DecoderSettings settings, TimeProvider time)
    {
        SharedRegion? region = null;
        var (childIn, requests, answers, childOut) = (-1, -1, -1, -1);
        try
        {
            region = SharedRegion.Create(settings.InputBytes, DecoderSettings.OutputBytes);
            (childIn, requests) = Descriptors.Pipe();
            (answers, childOut) = Descriptors.Pipe();
            var pid = starter.Start(childIn, childOut, region.Descriptor);
            return new DecoderProcess(settings, time, region, requests, answers, pid);
        }
        catch (Exception e)
        {
            region?.Close();
            _ = Libc.Close(requests);
            _ = Libc.Close(answers);
            if (e is Win32Exception)
            {
                throw new DecoderStartException($"no pipes or memory for a decoder's process: {e.Message}", e);
            }

            throw;
        }
        finally
        {
            _ = Libc.Close(childIn);
            _ = Libc.Close(childOut);
        }
    }

    private void Greet(Wall born)
    {
        DecoderMessages.Hello hello;
        try
        {
            if (Descriptors.Write(_requests, DecoderMessages.Setup.Of(_settings)) != Descriptors.Writing.Done)
            {
                throw Lost(DecoderLoss.Crashed);
            }

            Expect(Descriptors.Read(_answers, out hello, MaxStartTime, _time));
        }
        catch (DecoderLostException e)
        {
            throw new DecoderStartException($"a decoder's process does not start ({_settings.Command.Assembly}): {e.Message}", e);
        }

        if (hello.Version != DecoderMessages.Version)
        {
            throw new DecoderStartException($"{_settings.Command.Assembly} is of another build than this program");
        }

        Walls = hello.Walls | born;
        var missing = _settings.RequiredWalls & ~Walls;
        if (missing != Wall.None)
        {
            throw new DecoderStartException(
                $"walls around decoders are required that this system does not give: {string.Join(", ", WallNames.Of(missing))}");
        }
    }

    // Time that the process was not given a processor for is not its own: a busy or frozen machine refuses no picture, up to a bound.
    private DecoderMessages.Answer ReadAnswer()
    {
        var limit = _settings.Limits.MaxDecodeTime + _settings.Grace;
        var used = _child.ProcessorTime();
        var reading = Descriptors.Read(_answers, out DecoderMessages.Answer answer, limit, _time);
        for (var more = 1; reading == Descriptors.Reading.TooLate && more < DecoderSettings.MaxWaits; more++)
        {
            if (_child.ProcessorTime() - used >= _settings.Limits.MaxDecodeTime || Descriptors.HasSomething(_answers))
            {
                break; // It worked for that long; or it has said a part of an answer, which never takes long.
            }

            reading = Descriptors.Read(_answers, out answer, limit, _time);
        }

        Expect(reading);
        return answer;
    }

    private void Expect(Descriptors.Reading reading)
    {
        if (reading != Descriptors.Reading.Done)
        {
            throw Lost(reading == Descriptors.Reading.TooLate ? DecoderLoss.TimedOut : DecoderLoss.Crashed);
        }
    }

    private DecoderLostException Lost(DecoderLoss loss)
    {
        if (loss == DecoderLoss.Crashed && !_child.HasEnded())
        {
            return new DecoderLostException(DecoderLoss.Disobeyed, "it closed its output");
        }

        var ended = _child.End();
        return loss switch
        {
            DecoderLoss.Crashed => new DecoderLostException(ended == ChildProcess.KilledBySomebody ? DecoderLoss.Killed : loss, ended),
            DecoderLoss.Killed => new DecoderLostException(loss, $"it had ended before ({ended})"),
            DecoderLoss.TimedOut => new DecoderLostException(loss, "it did not answer in time"),
            _ => new DecoderLostException(loss, "it gave an answer that makes no sense"),
        };
    }
}
