namespace CpfPipeline.Ingest.Pressure;

/// <summary>A look at something that may hang: it is waited for with patience, and no second one is sent after it.</summary>
/// <param name="look">Looks. It is not cancelled: what hangs may not be able to.</param>
internal sealed class PatientLook<T>(Func<Task<T>> look)
{
    private Task<T>? _looking;

    /// <param name="patience">How long the answer may take.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it answered in time, and what. An earlier look that answers late is an answer.</returns>
    public async Task<(bool HasAnswered, T? Answer)> TryAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var looking = _looking ??= look();
        try
        {
            var answer = await looking.WaitAsync(patience, time, cancellationToken);
            return (true, answer);
        }
        catch (TimeoutException) when (!looking.IsCompleted)
        {
            return (false, default);
        }
        finally
        {
            if (looking.IsCompleted)
            {
                _looking = null;
            }
        }
    }
}
