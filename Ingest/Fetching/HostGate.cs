using CpfPipeline.Vocabulary;
using Polly;
using Polly.CircuitBreaker;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// One host, as this process sees it for one source. It limits the requests at once, keeps the pauses that the host asks for, and holds a
/// circuit breaker. The breaker stops requests to a failing host and then probes it with single ones.
/// </summary>
internal sealed class HostGate
{
    private const int MaxSlowInARow = 3;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FirstBreak = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxBreak = TimeSpan.FromSeconds(30);
    private readonly string _host;
    private readonly int _maxRequests;
    private readonly TimeProvider _time;
    private readonly HostPause _pause;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly ResiliencePipeline<FetchOutcome> _pipeline;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _free;
    private int _slowInARow;
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;

    public HostGate(string host, int maxRequests, TimeProvider time, HostPause pause)
    {
        (_host, _maxRequests, _time, _pause, _free) = (host, maxRequests, time, pause, new SemaphoreSlim(maxRequests));
        _pipeline = new ResiliencePipelineBuilder<FetchOutcome> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<FetchOutcome>
            {
                // A host that asks for a pause works.
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is { MayRecover: true, RetryAfter: null }),
                FailureRatio = 0.8,
                MinimumThroughput = 4,
                SamplingDuration = TimeSpan.FromMinutes(1),
                BreakDurationGenerator = args => ValueTask.FromResult(
                    TimeSpan.FromTicks(Math.Min(MaxBreak.Ticks, FirstBreak.Ticks << Math.Min(args.HalfOpenAttempts, 10)))),
                StateProvider = _circuit,
            })
            .Build();
    }

    /// <summary>Whether no request is under way and no pause goes on.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return _free.CurrentCount == _maxRequests && NotBefore <= _time.GetUtcNow();
            }
        }
    }

    /// <summary>Whether a request would not be sent now.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock)
            {
                var isProbed = _circuit.CircuitState == CircuitState.HalfOpen && _free.CurrentCount < _maxRequests;
                return _free.CurrentCount == 0 || NotBefore > _time.GetUtcNow() || isProbed;
            }
        }
    }

    /// <summary>Sends a request, unless the host is busy, asked for a pause, is failing, or is known to need more patience.</summary>
    /// <param name="request">The request, which ends within the patience.</param>
    /// <param name="patience">Also the longest wait for a free place at the host.</param>
    /// <param name="isImpatient">Whether the patience is a short one. A slow host is then not asked at all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<FetchOutcome> ExecuteAsync(
        Func<CancellationToken, Task<FetchOutcome>> request, TimeSpan patience, bool isImpatient, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var pause = NotBefore - _time.GetUtcNow();
            if (pause > TimeSpan.Zero)
            {
                return FetchOutcome.Wait(pause, $"{_host} asked for a pause, or is given one.");
            }

            if (isImpatient && _slowInARow >= MaxSlowInARow)
            {
                return FetchOutcome.Wait(TimeSpan.Zero, $"{_host} is slow.");
            }
        }

        if (!await EnterAsync(patience, cancellationToken))
        {
            return FetchOutcome.Wait(BusyPause, $"{_host} had {_maxRequests} requests under way.");
        }

        try
        {
            var outcome = await _pipeline.ExecuteAsync(async token => await request(token), cancellationToken);
            Note(outcome, isImpatient);
            return outcome;
        }
        catch (BrokenCircuitException e)
        {
            // Recorded here too, so that no source asks the host for images until then.
            var rest = e.RetryAfter ?? FirstBreak;
            lock (_lock)
            {
                var until = _time.GetUtcNow() + rest;
                _notBefore = until > _notBefore ? until : _notBefore;
            }

            return FetchOutcome.Wait(rest, $"{_host} failed before and is given a rest.");
        }
        finally
        {
            _free.Release();
        }
    }

    private DateTimeOffset NotBefore => _pause.Until > _notBefore ? _pause.Until : _notBefore;

    private async Task<bool> EnterAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _free.WaitAsync(both.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Note(FetchOutcome outcome, bool isImpatient)
    {
        lock (_lock)
        {
            if (outcome.RetryAfter is { } after && after > TimeSpan.Zero)
            {
                _pause.Ask(_time.GetUtcNow() + after);
            }

            _slowInARow = !outcome.MayRecover ? 0
                : isImpatient && outcome.Reason == RejectReasons.FetchTimeout ? _slowInARow + 1
                : _slowInARow;
        }
    }
}
