using System.Collections.Concurrent;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Walls;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Vision.Decoders;

/// <summary>
/// Decodes pictures in processes of their own, which may crash, hang or be taken over: that costs one picture. A lost process is replaced when
/// the next picture comes. A picture whose process crashed gets a second one, since the machine may have ended the first for want of memory;
/// one that crashes both is refused as <c>decoder_crashed</c>. A picture that takes too long is refused at once.
/// </summary>
public sealed class DecoderPool : IPictureDecoder, IDisposable
{
    private const int Attempts = 2;

    private readonly DecoderSettings _settings;
    private readonly TimeProvider _time;
    private readonly DecoderStarter _starter;
    private readonly ConcurrentStack<Slot> _free;
    private readonly SemaphoreSlim _count;
    private readonly Slot[] _slots;
    private readonly long[] _losses = new long[Enum.GetValues<DecoderLoss>().Length];
    private int _disposed;

    /// <param name="settings">How it works.</param>
    /// <param name="time">Clock of the time limits.</param>
    public DecoderPool(DecoderSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        _starter = new DecoderStarter(settings.Command);
        _slots = [.. Enumerable.Range(0, settings.Count).Select(_ => new Slot())];
        _free = new ConcurrentStack<Slot>(_slots);
        _count = new SemaphoreSlim(_slots.Length);
    }

    /// <summary>Told of every process that is replaced, and for a person how it ended; from the thread that had the picture.</summary>
    public event Action<DecoderLoss, string>? Lost;

    /// <summary>Walls around every process that runs; null when none does.</summary>
    public Wall? Walls => Running.Select(p => (Wall?)p.Walls).Aggregate((Wall?)null, (all, walls) => all is null ? walls : all & walls);

    /// <summary>Numbers of the processes that run.</summary>
    public IReadOnlyList<int> ProcessIds => [.. Running.Select(p => p.Id)];

    private IEnumerable<DecoderProcess> Running => _slots.Select(s => s.Process).OfType<DecoderProcess>();

    /// <summary>Processes that were replaced for this reason.</summary>
    public long CountOf(DecoderLoss loss) => Interlocked.Read(ref _losses[(int)loss]);

    /// <summary>Starts every process. Without this, each is started by its first picture.</summary>
    /// <exception cref="DecoderStartException">One does not start.</exception>
    public void Start()
    {
        try
        {
            Parallel.ForEach(_slots, slot => ProcessOf(slot));
        }
        catch (AggregateException e) when (e.InnerExceptions is [DecoderStartException first, ..])
        {
            throw new DecoderStartException(first.Message, e);
        }
    }

    public DecodeOutcome Decode(ReadOnlyMemory<byte> bytes, InputSpec spec, Span<float> row)
    {
        if (row.Length != spec.RowLength || row.Length > DecoderSettings.OutputBytes)
        {
            throw new ArgumentException($"the row holds {row.Length} values, the model wants {spec.RowLength}", nameof(row));
        }

        if (FirstBytes.Check(bytes.Span, _settings.Limits) is { IsOk: false } refused)
        {
            return refused;
        }

        var slot = Take();
        try
        {
            var outcome = Ask(slot, bytes.Span, DecoderMessages.Request.Pixels(bytes.Length, spec), spec.RowLength, out var length);
            if (outcome.IsOk)
            {
                PlanarPixels.Convert(slot.Process!.Output[..length], spec, row);
            }

            Rest(slot, (long)bytes.Length + length);
            return outcome;
        }
        finally
        {
            Return(slot);
        }
    }

    public DecodeOutcome Thumbnail(ReadOnlyMemory<byte> bytes, int longestSide, out byte[] webp)
    {
        webp = [];
        if (FirstBytes.Check(bytes.Span, _settings.Limits) is { IsOk: false } refused)
        {
            return refused;
        }

        var slot = Take();
        try
        {
            var request = DecoderMessages.Request.Thumbnail(bytes.Length, longestSide);
            var outcome = Ask(slot, bytes.Span, request, null, out var length);
            if (outcome.IsOk)
            {
                webp = slot.Process!.Output[..length].ToArray();
            }

            Rest(slot, (long)bytes.Length + length);
            return outcome;
        }
        finally
        {
            Return(slot);
        }
    }

    /// <summary>Ends every process. Nobody may decode any more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return; // Registered under two types, it is disposed twice.
        }

        foreach (var slot in _slots)
        {
            slot.Process?.Dispose();
            slot.Process = null;
        }

        _starter.Dispose();
        _count.Dispose();
    }

    private DecodeOutcome Ask(Slot slot, ReadOnlySpan<byte> bytes, DecoderMessages.Request request, int? expected, out int length)
    {
        length = 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return ProcessOf(slot).Ask(bytes, request, expected, out length);
            }
            catch (DecoderLostException e)
            {
                Replace(slot, e.Loss, e.Message);
                if (e.Loss == DecoderLoss.TimedOut)
                {
                    return DecodeOutcome.Refused(
                        RejectReasons.DecodeTimeout,
                        $"decoding took longer than {_settings.Limits.MaxDecodeTime.TotalSeconds:0.###} s and did not stop");
                }

                if (attempt == Attempts)
                {
                    return DecodeOutcome.Refused(RejectReasons.DecoderCrashed, $"the process that decoded it ended twice: {e.Message}");
                }
            }
        }
    }

    private DecoderProcess ProcessOf(Slot slot) => slot.Process ??= DecoderProcess.Start(_starter, _settings, _time);

    private void Rest(Slot slot, long bytes)
    {
        if (slot.Process is { } process && process.Rest(bytes) is { } loss)
        {
            Replace(slot, loss, "between two pictures");
        }
    }

    private void Replace(Slot slot, DecoderLoss loss, string detail)
    {
        slot.Process?.Dispose();
        slot.Process = null;
        Interlocked.Increment(ref _losses[(int)loss]);
        Lost?.Invoke(loss, detail);
    }

    private Slot Take()
    {
        _count.Wait();
        return _free.TryPop(out var slot) ? slot : throw new InvalidOperationException("a place was free, and there is none");
    }

    private void Return(Slot slot)
    {
        _free.Push(slot);
        _count.Release();
    }

    private sealed class Slot
    {
        public DecoderProcess? Process { get; set; }
    }
}
