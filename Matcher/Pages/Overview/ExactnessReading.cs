using CpfPipeline.Matcher.Api;

namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary>
/// Reads how exact the groups are without letting a page wait. The count of pictures without a group looks at all of them, which takes
/// seconds at a million. It is done at most every few seconds and once at a time, and a page that would wait shows the last one, with its
/// time.
/// </summary>
internal sealed class ExactnessReading(StatusReader status, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private ShownExactness? _last;
    private Task<ShownExactness>? _running;

    /// <summary>The last count; null before the first is done.</summary>
    public async Task<ShownExactness?> ReadAsync(CancellationToken cancellationToken)
    {
        Task<ShownExactness> running;
        lock (_gate)
        {
            if (_running is { IsCompletedSuccessfully: true })
            {
                _last = _running.Result;
            }

            if (_running is null or { IsCompleted: true })
            {
                if (_last is { } last && time.GetUtcNow() - last.At < Fresh)
                {
                    return last;
                }

                // It goes on when the page that began it is closed: the next one needs it as well.
                _running = Task.Run(CountAsync, CancellationToken.None);
            }

            running = _running;
        }

        return await Task.WhenAny(running, Task.Delay(Patience, time, cancellationToken)) == running ? await running : _last;
    }

    private async Task<ShownExactness> CountAsync()
    {
        var found = await status.ReadAsync(CancellationToken.None);
        return new ShownExactness(
            found.ActiveModel?.ModelId, found.ActiveModel?.Threshold ?? 0, found.Pending, found.Unreconciled, found.Unmatched,
            found.LastReconcile is { } r ? new ShownReconcile(r.FinishedAt, r.Contents, r.Pairs, r.MissedPairs, r.Recall) : null,
            time.GetUtcNow());
    }
}
