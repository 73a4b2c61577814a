using CpfPipeline.Data.Outages;
using CpfPipeline.Hosting.Health;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Pressure;

/// <summary>
/// Decides whether more is taken. Requests are refused while it is closed, and asked to come again. Feeds and fetches wait. What was
/// accepted goes on.
/// </summary>
internal sealed class IntakeGate(IOptions<IngestOptions> options) : IHealthDetail
{
    private readonly IngestOptions _options = options.Value;
    private volatile IntakeState _state = IntakeState.Unknown;
    private int _inFlight;
    private long _bytesInFlight;
    private long _refused;

    public string Name => "intake";

    /// <summary>What is known.</summary>
    public IntakeState State => _state;

    /// <summary>Whether pictures must not be stored.</summary>
    public bool IsDiskFull => _state.Exceeded.HasFlag(IntakeLimit.Disk);

    /// <summary>Why nothing more is taken on a way in; null when it is.</summary>
    public string? WhyClosed(IntakeWay way) => _state.WhyNot(way, _options);

    /// <summary>Replaces what is known.</summary>
    public void Set(IntakePressure pressure) => _state = _state.Next(pressure, _options);

    /// <summary>Admits a request. Its answer ends with <see cref="Leave"/>.</summary>
    /// <param name="way">What it asks for.</param>
    /// <param name="bytes">Bytes that it will hold in memory; 0 when they are few.</param>
    /// <returns>Why it is refused; null: it is admitted.</returns>
    public string? TryEnter(IntakeWay way, long bytes = 0)
    {
        var why = WhyClosed(way);
        if (why is null)
        {
            var requests = Interlocked.Increment(ref _inFlight);
            var held = Interlocked.Add(ref _bytesInFlight, bytes);
            why = requests > _options.MaxRequestsInFlight
                ? FormattableString.Invariant($"{_options.MaxRequestsInFlight} requests are being answered; no more are taken at once.")
                : bytes > 0 && held > bytes && held > _options.MaxUploadBytesAtOnce
                    ? "Uploads of as many bytes as may be held at once are being read."
                    : null;
            if (why is null)
            {
                return null;
            }

            Leave(bytes);
        }

        Interlocked.Increment(ref _refused);
        return why;
    }

    /// <summary>Ends an admitted request.</summary>
    public void Leave(long bytes = 0)
    {
        Interlocked.Decrement(ref _inFlight);
        Interlocked.Add(ref _bytesInFlight, -bytes);
    }

    /// <summary>
    /// When the one that was refused last is to come again. Those that are refused together are spread over half as long again, so that
    /// they do not come back together.
    /// </summary>
    public TimeSpan ComeAgainAfter()
    {
        var seconds = Math.Max(1, (long)Math.Ceiling(_options.RetryAfter.TotalSeconds));
        return TimeSpan.FromSeconds(seconds + (Interlocked.Read(ref _refused) % ((seconds / 2) + 1)));
    }

    /// <exception cref="FullDiskException">The disk is nearly full: the same work is tried again later.</exception>
    public void ThrowIfDiskIsFull()
    {
        if (IsDiskFull)
        {
            throw new FullDiskException(WhyClosed(IntakeWay.Queue) ?? "A disk that is written to is nearly full.");
        }
    }

    public ValueTask<object?> GetAsync(CancellationToken cancellationToken)
    {
        var state = _state;
        return ValueTask.FromResult<object?>(new
        {
            open = state.WhyNot(IntakeWay.Queue, _options) is null,
            why_not = state.WhyNot(IntakeWay.Queue, _options),
            open_for_uploads_and_feeds = state.WhyNot(IntakeWay.Direct, _options) is null,
            outbox_messages = state.Pressure.OutboxMessages,
            queued_images = state.Pressure.QueuedImages,
            free_disk_share = state.Pressure.FreeDiskShare is { } share ? Math.Round(share, 4) : (double?)null,
            requests_in_flight = Volatile.Read(ref _inFlight),
            requests_refused = Interlocked.Read(ref _refused),
        });
    }
}
