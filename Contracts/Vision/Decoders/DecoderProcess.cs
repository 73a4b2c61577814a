using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Vision.Decoders;

/// <summary>A decoder's process, as the one that started it sees it. One picture at a time. What it answers is not believed.</summary>
internal sealed class DecoderProcess : IDisposable
{
    private const int Killed = 9;
    private const int LargeBytes = 4 << 20;
    private const int PageBytes = 4096;
    private const int PicturesPerLook = 32;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly DecoderSettings _settings;
    private readonly TimeProvider _time;
    private readonly SharedRegion _region;
    private readonly int _requests;
    private readonly int _answers;
    private int _pictures;
    private bool _ended;

    private DecoderProcess(DecoderSettings settings, TimeProvider time, SharedRegion region, int requests, int answers, int pid)
    {
        (_settings, _time, _region, _requests, _answers, Id) = (settings, time, region, requests, answers, pid);
    }

    /// <summary>Its number.</summary>
    public int Id { get; }

    /// <summary>What stands around it.</summary>
    public Wall Walls { get; private set; }

    /// <summary>What the last answer made, until the next picture.</summary>
    public ReadOnlySpan<byte> Output => _region.Output;

    /// <summary>Starts one and waits until its walls stand.</summary>
    /// <exception cref="DecoderStartException">It does not start, or lacks walls that are required.</exception>
    public static DecoderProcess Start(DecoderStarter starter, DecoderSettings settings, TimeProvider time)
    {
        var region = SharedRegion.Create(settings.InputBytes, DecoderSettings.OutputBytes);
        var (childIn, requests) = Descriptors.Pipe();
        var (answers, childOut) = Descriptors.Pipe();
        int pid;
        try
        {
            pid = starter.Start(childIn, childOut, region.Descriptor);
        }
        catch
        {
            region.Close();
            _ = Libc.Close(requests);
            _ = Libc.Close(answers);
            throw;
        }
        finally
        {
            _ = Libc.Close(childIn);
            _ = Libc.Close(childOut);
        }

        var process = new DecoderProcess(settings, time, region, requests, answers, pid);
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
    /// <param name="expected">Length of the result; null: any.</param>
    /// <param name="length">Bytes of <see cref="Output"/>; 0 when the picture is refused.</param>
    /// <exception cref="DecoderLostException">The process is lost.</exception>
    public DecodeOutcome Ask(ReadOnlySpan<byte> bytes, DecoderMessages.Request request, int? expected, out int length)
    {
        bytes.CopyTo(_region.Input);
        _pictures++;
        if (!Descriptors.Write(_requests, request))
        {
            throw Lost(DecoderLoss.Crashed);
        }

        Read(out DecoderMessages.Answer answer);
        if (!IsPossible(answer, expected))
        {
            throw Lost(DecoderLoss.Disobeyed);
        }

        Span<byte> buffer = stackalloc byte[DecoderMessages.MaxTextBytes];
        Read(buffer[..answer.TextLength]);
        var text = Encoding.UTF8.GetString(buffer[..answer.TextLength]);
        if (answer.Reason == DecoderMessages.Answer.Broken)
        {
            End();
            throw new DecoderLostException(DecoderLoss.Crashed, text);
        }

        length = answer.OutputLength;
        var format = answer.Format < 0 ? null : ImageFormat.All[answer.Format];
        if (answer.Reason >= 0)
        {
            return DecodeOutcome.Refused(DecoderMessages.Reasons[answer.Reason], text, format, answer.Width, answer.Height);
        }

        var fine = DecodeOutcome.Ok(format!, answer.Width, answer.Height);
        return answer.IsBlank == 0 ? fine : fine.AsBlank();
    }

    /// <summary>Looks after the process between two pictures.</summary>
    /// <param name="bytes">Length of the last picture's file and of its result.</param>
    /// <returns>Why it is to be replaced; null: it may go on.</returns>
    public DecoderLoss? Rest(long bytes)
    {
        if (_pictures >= _settings.PicturesPerProcess)
        {
            return DecoderLoss.Retired;
        }

        var isLarge = bytes >= LargeBytes;
        if (isLarge)
        {
            _region.Clear();
        }

        return (isLarge || _pictures % PicturesPerLook == 0) && PrivateBytes() > _settings.MaxIdleMemoryBytes ? DecoderLoss.Grew : null;
    }

    /// <summary>Ends it at once: it holds nothing that anybody needs.</summary>
    public void Dispose()
    {
        End();
        _region.Close();
    }

    /// <summary>Resident memory that is not shared; 0 when it cannot be told.</summary>
    public long PrivateBytes()
    {
        try
        {
            var words = File.ReadAllText($"/proc/{Id}/statm").Split(' ');
            return PageBytes * (long.Parse(words[1], CultureInfo.InvariantCulture) - long.Parse(words[2], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static bool IsPossible(DecoderMessages.Answer answer, int? expected) =>
        answer.Reason >= DecoderMessages.Answer.Broken && answer.Reason < DecoderMessages.Reasons.Count
        && answer.Format >= (answer.Reason == -1 ? 0 : -1) && answer.Format < ImageFormat.All.Count
        && answer.Width >= 0 && answer.Height >= 0
        && answer.TextLength is >= 0 and <= DecoderMessages.MaxTextBytes
        && (answer.Reason != -1 ? answer.OutputLength == 0
            : answer.OutputLength == expected || (expected is null && answer.OutputLength is > 0 and <= DecoderSettings.OutputBytes));

    private void Greet(Wall born)
    {
        DecoderMessages.Hello hello;
        try
        {
            if (!Descriptors.Write(_requests, DecoderMessages.Setup.Of(_settings)))
            {
                throw Lost(DecoderLoss.Crashed);
            }

            hello = Read<DecoderMessages.Hello>(StartLimit);
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

    private void Read<T>(out T message)
        where T : unmanaged => message = Read<T>(_settings.Limits.MaxDecodeTime + _settings.Grace);

    private T Read<T>(TimeSpan limit)
        where T : unmanaged
    {
        Expect(Descriptors.Read(_answers, out T message, limit, _time));
        return message;
    }

    private void Read(Span<byte> bytes) => Expect(Descriptors.Read(_answers, bytes, _settings.Grace, _time));

    private void Expect(Descriptors.Reading reading)
    {
        if (reading != Descriptors.Reading.Done)
        {
            throw Lost(reading == Descriptors.Reading.TooLate ? DecoderLoss.TimedOut : DecoderLoss.Crashed);
        }
    }

    private DecoderLostException Lost(DecoderLoss loss)
    {
        var ended = End();
        return new DecoderLostException(loss, loss switch
        {
            DecoderLoss.Crashed => ended,
            DecoderLoss.TimedOut => "it did not answer in time",
            _ => "it gave an answer that makes no sense",
        });
    }

    // Killing one that ends by itself already does not change how it ended.
    private string End()
    {
        if (_ended)
        {
            return "it has ended";
        }

        _ended = true;
        _ = Libc.Close(_requests);
        _ = Libc.Close(_answers);
        return !Kill(out var status) ? "it has ended"
            : (status & 0x7F) is var signal and not 0 ? $"signal {signal}"
            : $"exit code {(status >> 8) & 0xFF}";
    }

    private bool Kill(out int status)
    {
        _ = Libc.Kill(Id, Killed);
        int found;
        do
        {
            found = Libc.WaitFor(Id, out status, 0);
        }
        while (found == -1 && Marshal.GetLastPInvokeError() == Libc.Interrupted);
        return found == Id;
    }
}
