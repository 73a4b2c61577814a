using System.Globalization;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Trainer.Retention;

/// <summary>
/// Removes rows that are older than the settings say, page by page, each in a transaction of its own. One Trainer at a time does. What it
/// cannot have at once it leaves for the next time.
/// </summary>
internal sealed class OldRows(
    NpgsqlDataSource dataSource, IOptions<RetentionOptions> options, RetentionMetrics metrics, TimeProvider time, ILogger<OldRows> logger)
{
    // Shorter than PostgreSQL waits before it looks for a deadlock: whoever else wants these rows gets them.
    private const string GiveUpSoon = "set local lock_timeout = '200ms'";

    private delegate Task<long?> Page(NpgsqlConnection connection, CancellationToken cancellationToken);

    /// <summary>Removes what there is to remove.</summary>
    /// <returns>Rows removed, by <see cref="RetentionKind"/>; empty when another Trainer is at it.</returns>
    public async Task<IReadOnlyDictionary<string, long>> RemoveAsync(CancellationToken cancellationToken)
    {
        await using var held = await KeptLock.TryTakeAsync(dataSource, "cpf.retention", cancellationToken);
        var removed = new Dictionary<string, long>();
        if (held is null)
        {
            return removed;
        }

        var (settings, started) = (options.Value, time.GetTimestamp());
        if (settings.HistoryDays > 0)
        {
            // First of all: nobody is to take for whole what is being thinned out.
            var moment = await KeepFromAsync(Before(settings.HistoryDays), cancellationToken);
            await RemoveAsync(
                RetentionKind.GroupEvents, (c, t) => HistoryStore.DeleteEventsAsync(c, moment, settings.RowsAtOnce, t));
            await RemoveAsync(
                RetentionKind.PlaceholderEvents, (c, t) => HistoryStore.DeletePlaceholdersAsync(c, moment, settings.RowsAtOnce, t));
            await RemoveAsync(
                RetentionKind.ImageContents, (c, t) => HistoryStore.DeleteContentsAsync(c, moment, settings.RowsAtOnce, t));
        }

        await RemoveOldAsync(RetentionKind.ModelChanges, settings.ModelChangeDays, OldRowStore.DeleteModelChangesAsync);
        await RemoveOldAsync(RetentionKind.Reconciles, settings.ReconcileDays, OldRowStore.DeleteReconcilesAsync);
        await RemoveOldAsync(RetentionKind.Feeds, settings.FeedDays, OldRowStore.DeleteFeedsAsync);
        await RemoveOldAsync(RetentionKind.Reports, settings.ReportDays, OldRowStore.ClearReportsAsync);
        if (removed.Values.Sum() > 0)
        {
            var counts = string.Join(", ", removed.Where(r => r.Value > 0)
                .Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Value} {r.Key}")));
            Log.OldRowsRemoved(logger, counts, (long)time.GetElapsedTime(started).TotalMilliseconds);
        }

        return removed;

        Task RemoveOldAsync(
            string kind, int days, Func<NpgsqlConnection, DateTimeOffset, int, CancellationToken, Task<int>> delete) => days == 0
            ? Task.CompletedTask
            : RemoveAsync(
                kind, async (c, t) => await delete(c, Before(days), settings.RowsAtOnce, t) is > 0 and var rows ? rows : null);

        async Task RemoveAsync(string kind, Page page)
        {
            var rows = 0L;
            while (await RunAsync(kind, page, cancellationToken) is { } more)
            {
                metrics.Count(kind, more);
                rows += more;
            }

            removed[kind] = rows;
        }
    }

    private async Task<DateTimeOffset> KeepFromAsync(DateTimeOffset moment, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await HistoryStore.KeepFromAsync(connection, moment, cancellationToken);
    }

    private async Task<long?> RunAsync(string kind, Page page, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await connection.Sql(GiveUpSoon).ExecuteAsync(cancellationToken);
            var rows = await page(connection, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return rows;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            Log.OldRowsInUse(logger, kind);
            return null;
        }
    }

    private DateTimeOffset Before(int days) => time.GetUtcNow().AddDays(-days);
}
