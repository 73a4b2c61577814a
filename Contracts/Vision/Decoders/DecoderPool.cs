using System.Collections.Concurrent;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Walls;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Vision.Decoders;

/// <summary>
/// Decodes pictures in processes of their own, which may crash, hang or be taken over: that costs one picture. A lost process is replaced
/// when the next picture comes. A picture whose process crashed gets a second one; one that crashes both is refused as
/// <c>decoder_crashed</c>. No picture is blamed when somebody else ended the process (the machine, for want of memory), or when one picture
/// after the other crashes: then the pool is at fault, and throws. A picture that takes too long is refused at once.
/// </summary>
public sealed class DecoderPool : IPictureDecoder, IDisposable
{
    private const int MaxAttempts = 2;
    private const int MaxCrashesInARow = 5;
    private const int MaxDoublings = 6;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly DecoderSettings _settings;
    private readonly TimeProvider _time;
    private readonly DecoderStarter _starter;
    private readonly ConcurrentStack<Slot> _free;
    private readonly SemaphoreSlim _count;
    private readonly Slot[] _slots;
    private readonly CancellationTokenSource _stopped = new();
    private readonly long[] _losses = new long[Enum.GetValues<DecoderLoss>().Length];
    private int _crashesInARow;
    private int _killsInARow;
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
            throw new ArgumentException(
                $"the row holds {row.Length} values, the model wants {spec.RowLength}, at most {DecoderSettings.OutputBytes}", nameof(row));
        }

        var outcome = Run(
            bytes.Span, DecoderMessages.Request.Pixels(bytes.Length, spec), spec.RowLength, static (_, _) => true, out var rgb);
        if (!outcome.IsOk)
        {
            return outcome;
        }

        PlanarPixels.Convert(rgb, spec, row);
        return BlankPicture.Is(rgb) ? outcome.AsBlank() : outcome;
    }

    public DecodeOutcome Thumbnail(ReadOnlyMemory<byte> bytes, int longestSide, out byte[] webp) => Run(
        bytes.Span, DecoderMessages.Request.Thumbnail(bytes.Length, longestSide), null,
        static (made, request) => AnswerCheck.IsThumbnail(made, request.LongestSide), out webp);

    public DecodeOutcome Bounded(ReadOnlyMemory<byte> bytes, int longestSide, out BoundedPixels? pixels)
    {
        var outcome = Run(
            bytes.Span, DecoderMessages.Request.Bounded(bytes.Length, longestSide), null,
            static (made, request) => BoundedResult.IsOne(made, request.LongestSide), out var result);
        pixels = outcome.IsOk ? BoundedResult.Read(result) : null;
        return outcome;
    }

    /// <summary>Ends every process. Who still waits for a picture gets an exception; nobody may ask for one any more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return; // Registered under two types, it is disposed twice.
        }

        _stopped.Cancel();
        foreach (var slot in _slots)
        {
            slot.Process?.Kill();
        }

        // Memory goes only when nobody reads it any more.
        for (var i = 0; i < _slots.Length; i++)
        {
            _count.Wait();
        }

        foreach (var slot in _slots)
        {
            slot.Process?.Dispose();
            slot.Process = null;
        }

        _starter.Dispose();
        _count.Dispose();
        _stopped.Dispose();
    }

    private delegate bool ResultRule(ReadOnlySpan<byte> made, DecoderMessages.Request request);

    private DecodeOutcome Run(ReadOnlySpan<byte> bytes, DecoderMessages.Request request, int? expected, ResultRule rule, out byte[] made)
    {
        made = [];
        var first = FirstBytes.Check(bytes, _settings.Limits);
        if (!first.IsOk)
        {
            return first;
        }

        var slot = Take();
        try
        {
            for (var (crashes, kills) = (0, 0); ;)
            {
                try
                {
                    var process = ProcessOf(slot);
                    var outcome = process.Ask(bytes, request, first.Format!, expected, out var length);
                    made = process.Output[..length].ToArray(); // A copy, which the process cannot change any more.
                    if (outcome.IsOk && !rule(made, request))
                    {
                        throw new DecoderLostException(DecoderLoss.Disobeyed, "what it made is no picture");
                    }

                    Interlocked.Exchange(ref _crashesInARow, 0);
                    Interlocked.Exchange(ref _killsInARow, 0);
                    if (process.Rest((long)bytes.Length + length) is { } end)
                    {
                        Replace(slot, end, "between two pictures");
                    }

                    return outcome;
                }
                catch (DecoderLostException e)
                {
                    made = [];
                    Replace(slot, e.Loss, e.Message);
                    if (e.Loss == DecoderLoss.TimedOut)
                    {
                        return DecodeOutcome.Refused(
                            RejectReasons.DecodeTimeout,
                            $"decoding took longer than {_settings.Limits.MaxDecodeTime.TotalSeconds:0.###} s and did not stop");
                    }

                    if (e.Loss == DecoderLoss.Killed ? ++kills == MaxAttempts : ++crashes == MaxAttempts)
                    {
                        return Judge(e);
                    }
                }
            }
        }
        catch (Exception)
        {
            // A process that may be one answer behind must not meet another picture.
            slot.Process?.Dispose();
            slot.Process = null;
            throw;
        }
        finally
        {
            Return(slot);
        }
    }

    private DecodeOutcome Judge(DecoderLostException last)
    {
        if (last.Loss == DecoderLoss.Killed)
        {
            Interlocked.Increment(ref _killsInARow);
            throw new DecodersUnavailableException($"two processes that decoded a picture were killed: {last.Message}");
        }

        return Interlocked.Increment(ref _crashesInARow) <= MaxCrashesInARow
            ? DecodeOutcome.Refused(RejectReasons.DecoderCrashed, $"the process that decoded it ended twice: {last.Message}")
            : throw new DecodersUnavailableException(
                $"the processes of more than {MaxCrashesInARow} pictures in a row ended twice each: {last.Message}");
    }

    private DecoderProcess ProcessOf(Slot slot)
    {
        if (slot.Process is null)
        {
            Rest();
        }

        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return slot.Process ??= DecoderProcess.Start(_starter, _settings, _time);
    }

    // When no picture is blamed any more, each costs two starts: those come further and further apart, until one succeeds.
    private void Rest()
    {
        var beyond = Math.Max(Volatile.Read(ref _crashesInARow) - MaxCrashesInARow, Volatile.Read(ref _killsInARow));
        if (beyond > 0)
        {
            Task.Delay(FirstPause * Math.Pow(2, Math.Min(beyond - 1, MaxDoublings)), _time, _stopped.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
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
