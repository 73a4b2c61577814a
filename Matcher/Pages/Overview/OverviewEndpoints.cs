using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Runs;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using RabbitMQ.Client.Exceptions;

namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary><c>/overview</c>: whether all goes well; its feeds with their rejected rows; the pictures that were refused.</summary>
internal static class OverviewEndpoints
{
    private const int FeedsShown = 10;
    private const int RejectedShown = 6;
    private const int RunsShown = 7;
    private const int RowsPerPage = 100;
    private static readonly TimeSpan BrokerPatience = TimeSpan.FromSeconds(1);

    public static void MapOverview(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(PageEntry.Overview, OverviewAsync).Needs(AccessRole.Read);
        routes.MapGet(OverviewAddress.Feeds + "/{feedId:long}", FeedAsync).Needs(AccessRole.Read);
        routes.MapGet(OverviewAddress.Rejected, RejectedAsync).Needs(AccessRole.Read);
    }

    private static async Task<IResult> OverviewAsync(
        HttpContext http, OverviewStore store, ExactnessReading exactness, FeedStore feeds, TrainingRunStore runs, TimeProvider time,
        CancellationToken cancellationToken)
    {
        // Side by side: none of them waits for another one.
        var queues = ReadQueuesAsync(http.RequestServices.GetService<IQueueLengths>(), time, cancellationToken);
        var images = store.CountImagesAsync(OverviewStore.MaxCounted, cancellationToken);
        var exact = exactness.ReadAsync(cancellationToken);
        var fetches = store.CountFetchesAsync(cancellationToken);
        var outbox = store.CountOutboxAsync(cancellationToken);
        var listed = feeds.ListAsync(null, null, FeedsShown, cancellationToken);
        var rejected = store.ReadRejectedAsync(null, RejectedShown, cancellationToken);
        var last = runs.ListAsync(RunsShown, cancellationToken);
        await Task.WhenAll(queues, images, exact, fetches, outbox, listed, rejected, last);
        return PageResults.Of<OverviewPage>(new
        {
            Data = new OverviewData(
                await images, await exact, await queues, await fetches, await outbox, await listed, await rejected, await last),
            Now = time.GetUtcNow(),
        });
    }

    private static async Task<IResult> FeedAsync(
        long feedId, [FromQuery] long? after, FeedStore feeds, CancellationToken cancellationToken)
    {
        if (await feeds.FindAsync(feedId, cancellationToken) is not { } feed)
        {
            return PageResults.Message(StatusCodes.Status404NotFound, "No such feed", $"There is no feed {feedId}.");
        }

        var (rows, last) = PageRows.Of(
            await feeds.ListRejectionsAsync(feedId, RowsPerPage + 1, cancellationToken, after ?? 0), RowsPerPage);
        return PageResults.Of<FeedPage>(new
        {
            Feed = feed,
            Rows = rows,
            IsFirst = after is null,
            Next = last?.RowNumber,
            Waiting = ShownFeed.GoesOn(feed) ? await feeds.CountWaitingAsync(feedId, cancellationToken) : 0,
        });
    }

    private static async Task<IResult> RejectedAsync([FromQuery] string? after, OverviewStore store, CancellationToken cancellationToken)
    {
        var place = after is null ? null : ListPlace<Guid>.Parse(after, ListKey.Time);
        if (after is not null && place is null)
        {
            return PageResults.Message(StatusCodes.Status400BadRequest, "No such place", "after is not a position in this list.");
        }

        var (shown, last) = PageRows.Of(await store.ReadRejectedAsync(place, RowsPerPage + 1, cancellationToken), RowsPerPage);
        return PageResults.Of<RejectedPage>(new
        {
            Pictures = shown,
            IsFirst = place is null,
            Next = last is null ? null : new ListPlace<Guid>(last.At, last.ImageId),
        });
    }

    // The overview is most wanted when something is broken, so it must not break with the broker.
    private static async Task<QueueLengths> ReadQueuesAsync(IQueueLengths? lengths, TimeProvider time, CancellationToken cancellationToken)
    {
        if (lengths is null)
        {
            return new QueueLengths(null, "no broker is configured");
        }

        using var limit = new CancellationTokenSource(BrokerPatience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return new QueueLengths(await lengths.ReadQueueLengthsAsync(both.Token), null);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new QueueLengths(null, "the broker did not answer in time");
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException)
        {
            return new QueueLengths(null, e.Message);
        }
    }
}
