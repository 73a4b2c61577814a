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
    private readonly Dictionary<string, int> _inFlightOf = new(StringComparer.Ordinal);
    private volatile IntakeState _state = IntakeState.Unknown;
    private int _inFlight;
    private long _bytesInFlight;
    private long _refused;

    public string Name => "intake";

    /// <summary>What is known.</summary>
    public IntakeState State => _state;

    /// <summary>Share of the disk that is free, 0 to 1; null when it is not known.</summary>
    public double? FreeDiskShare => _state.Pressure.FreeDiskShare;

    /// <summary>Requests that were refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Whether pictures must not be stored.</summary>
    public bool IsDiskFull => _state.Exceeded.HasFlag(IntakeLimit.Disk);

    /// <summary>Why nothing more is taken on a way in; null when it is.</summary>
    public string? WhyClosed(IntakeWay way) => _state.WhyNot(way, _options);

    /// <summary>Replaces what is known.</summary>
    public void Set(IntakePressure pressure) => _state = _state.Next(pressure, _options);

    /// <summary>Admits a request. Its answer ends with <see cref="Leave"/>.</summary>
    /// <param name="caller">Who asks: nobody has all the places.</param>
    /// <param name="way">What it asks for.</param>
    /// <param name="bytes">Bytes that it will hold in memory; 0 when they are few.</param>
    /// <returns>Why it is refused; null: it is admitted.</returns>
    public string? TryEnter(string caller, IntakeWay way, long bytes = 0)
    {
        var why = WhyClosed(way) ?? TryTakePlace(caller, bytes);
        if (why is not null)
        {
            Interlocked.Increment(ref _refused);
        }

        return why;
    }

    /// <summary>Ends an admitted request.</summary>
    public void Leave(string caller, long bytes = 0)
    {
        lock (_inFlightOf)
        {
            _inFlight--;
            _bytesInFlight -= bytes;
            if (--_inFlightOf[caller] == 0)
            {
                _inFlightOf.Remove(caller);
            }
        }
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
            requests_refused = Refused,
        });
    }

    private string? TryTakePlace(string caller, long bytes)
    {
        lock (_inFlightOf)
        {
            var own = _inFlightOf.GetValueOrDefault(caller);
            if (_inFlight >= _options.MaxRequestsInFlight)
            {
                return FormattableString.Invariant(
                    $"{_options.MaxRequestsInFlight} requests are being answered; no more are taken at once.");
            }

            if (own >= _options.PlacesPerKey)
            {
                return FormattableString.Invariant(
                    $"{_options.PlacesPerKey} requests of this key are being answered; no more of one key are taken at once.");
            }

            // Alone it is admitted whatever its size: else it could never come.
            if (bytes > 0 && _bytesInFlight > 0 && _bytesInFlight + bytes > _options.MaxUploadBytesAtOnce)
            {
                return "Uploads of as many bytes as may be held at once are being read.";
            }

            _inFlightOf[caller] = own + 1;
            _inFlight++;
            _bytesInFlight += bytes;
            return null;
        }
    }
}
