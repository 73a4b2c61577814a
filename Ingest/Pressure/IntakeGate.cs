using CpfPipeline.Hosting.Health;
using CpfPipeline.Hosting.Outages;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Pressure;

/// <summary>
/// Decides whether more is taken. Requests are refused while it is closed, and asked to come again. Feeds and fetches wait. What was
/// accepted goes on.
/// </summary>
internal sealed class IntakeGate(IOptions<IngestOptions> options, TimeProvider time) : IHealthDetail
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly IngestOptions _options = options.Value;
    private volatile IntakePressure _pressure = IntakePressure.Unknown;
    private readonly Dictionary<string, int> _inFlightOf = new(StringComparer.Ordinal);
    private int _inFlight;
    private long _refused;

    public string Name => "intake";

    /// <summary>Why nothing more is taken; null when it is.</summary>
    public string? WhyClosed => _pressure.WhyNot(_options);

    /// <summary>Share of the disk that is free, 0 to 1; null when it is not known.</summary>
    public double? FreeDiskShare => _pressure.FreeDiskShare;

    /// <summary>Requests that were refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Whether pictures must not be stored.</summary>
    public bool IsDiskFull => _pressure.IsDiskFull(_options);

    /// <summary>Replaces what is known.</summary>
    public void Set(IntakePressure pressure) => _pressure = pressure;

    /// <summary>Admits a request. Its answer ends with <see cref="Leave"/>.</summary>
    /// <param name="caller">Who asks: nobody has all the places.</param>
    /// <param name="evenIfClosed">Whether it is admitted while it is closed.</param>
    /// <returns>Why it is refused; null: it is admitted.</returns>
    public string? TryEnter(string caller, bool evenIfClosed)
    {
        var why = (evenIfClosed ? null : WhyClosed) ?? TryTakePlace(caller);
        if (why is not null)
        {
            Interlocked.Increment(ref _refused);
        }

        return why;
    }

    /// <summary>Ends an admitted request.</summary>
    public void Leave(string caller)
    {
        lock (_inFlightOf)
        {
            _inFlight--;
            if (--_inFlightOf[caller] == 0)
            {
                _inFlightOf.Remove(caller);
            }
        }
    }

    private string? TryTakePlace(string caller)
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

            _inFlightOf[caller] = own + 1;
            _inFlight++;
            return null;
        }
    }

    /// <summary>Waits until more is taken.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (WhyClosed is not null)
        {
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <exception cref="FullDiskException">The disk is nearly full: the same work is tried again later.</exception>
    public void ThrowIfDiskIsFull()
    {
        if (IsDiskFull)
        {
            throw new FullDiskException(WhyClosed ?? "The disk of the pictures is nearly full.");
        }
    }

    public ValueTask<object?> GetAsync(CancellationToken cancellationToken)
    {
        var pressure = _pressure;
        return ValueTask.FromResult<object?>(new
        {
            open = pressure.WhyNot(_options) is null,
            why_not = pressure.WhyNot(_options),
            outbox_messages = pressure.OutboxMessages,
            queued_images = pressure.QueuedImages,
            free_disk_share = pressure.FreeDiskShare is { } share ? Math.Round(share, 4) : (double?)null,
            requests_in_flight = Volatile.Read(ref _inFlight),
            requests_refused = Refused,
        });
    }
}
