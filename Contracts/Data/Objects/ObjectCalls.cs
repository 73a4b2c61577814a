using Amazon.S3;

namespace CpfPipeline.Data.Objects;

/// <summary>Sends requests to the store, and tries again those that meet one that is away or overloaded.</summary>
/// <param name="client">Makes one try.</param>
/// <param name="options">The settings.</param>
/// <param name="time">The clock.</param>
/// <param name="chance">Gives numbers from 0 to 1.</param>
internal sealed class ObjectCalls(IAmazonS3 client, ObjectStoreOptions options, TimeProvider time, Func<double> chance)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    /// <summary>The settings.</summary>
    public ObjectStoreOptions Options => options;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Pause before another try. Chance takes up to a half of it away, so that many clients do not come back at once.</summary>
    /// <param name="failures">Tries that failed, from 1.</param>
    /// <param name="chance">0 to 1.</param>
    public static TimeSpan PauseAfter(int failures, double chance)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        return (pause < MaxPause ? pause : MaxPause) * (0.5 + (chance / 2));
    }

    /// <summary>Makes a request of something that may not be there.</summary>
    /// <returns>Null when it is not.</returns>
    /// <exception cref="ObjectStoreException">The store is away, full, or refuses.</exception>
    public Task<T?> TryAsync<T>(Func<IAmazonS3, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
        where T : class => TryAsync(call, options.Attempts, cancellationToken);

    /// <summary>Makes a request of something that is there.</summary>
    /// <exception cref="ObjectStoreException">The store is away, full, refuses, or does not have it.</exception>
    public async Task<T> CallAsync<T>(Func<IAmazonS3, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
        where T : class =>
        await TryAsync(call, options.Attempts, cancellationToken)
        ?? throw new ObjectStoreException(ObjectStoreFault.Request, Text("does not have what it just named"));

    /// <summary>Makes a request once, whatever comes of it.</summary>
    public async Task ForgetAsync<T>(Func<IAmazonS3, CancellationToken, Task<T>> call)
        where T : class
    {
        try
        {
            await TryAsync(call, attempts: 1, CancellationToken.None);
        }
        catch (ObjectStoreException)
        {
        }
    }

    /// <summary>Waits before another try.</summary>
    /// <param name="failures">Tries that failed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task PauseAsync(int failures, CancellationToken cancellationToken) =>
        Task.Delay(PauseAfter(failures, chance()), time, cancellationToken);

    /// <summary>The end of the tries.</summary>
    public ObjectStoreException GiveUp(FailedCall failed) => new(failed.Fault, Text(failed.Text));

    private async Task<T?> TryAsync<T>(
        Func<IAmazonS3, CancellationToken, Task<T>> call, int attempts, CancellationToken cancellationToken)
        where T : class
    {
        for (var failures = 1; ; failures++)
        {
            using var patience = new CancellationTokenSource(options.Timeout, time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                return await call(client, limit.Token);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && FailedCall.Of(e) is { } failed)
            {
                if (failed.IsMissing)
                {
                    return null;
                }

                if (!failed.MayPass || failures >= attempts)
                {
                    throw GiveUp(failed);
                }
            }

            await PauseAsync(failures, cancellationToken);
        }
    }

    private string Text(string what) => $"The store of the blobs, {options.Place}, {what}.";
}
