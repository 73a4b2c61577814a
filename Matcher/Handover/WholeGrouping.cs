using System.Data;
using System.Diagnostics;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Handover;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matcher.Tiles;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>
/// Groups everything that is live under a shadow at once and exactly: reads it as of one moment, joins it, agglomerates in memory, writes
/// all rows in one transaction. The catch-up handles later changes. A small catalogue is joined here; when that is stopped, only
/// explanations are written, and it starts again from the beginning. A large one is joined in tiles by all Matchers (<see
/// cref="TiledJoin"/>); then the tiles that are done stay.
/// </summary>
internal sealed class WholeGrouping(
    NpgsqlDataSource dataSource, TiledJoin tiles, IOptions<MatcherOptions> options, TimeProvider time, ILogger<WholeGrouping> logger)
{
    private const double Read = 0.05;
    private const double Joined = 0.75;
    private const double Grouped = 0.95;

    /// <summary>Runs. Returns false when it is no longer requested.</summary>
    public async Task<bool> RunAsync(ServingModel model, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await using var report = new HandoverReport(dataSource, model.ModelId, time, cancellationToken);
        try
        {
            report.Say(0, "reads the embeddings");
            if (await JoinAsync(model, report) is not var (contents, components, verdicts))
            {
                return false;
            }

            report.Say(Joined, $"groups {contents.Count} contents");
            var groups = await Task.Run(
                () => ComponentGrouping.Compute(
                    contents, components, model.Threshold, verdicts, HandoverThreads.Max,
                    share => report.Say(Joined + ((Grouped - Joined) * share), $"groups {contents.Count} contents"), report.Stop),
                report.Stop);
            report.Say(Grouped, $"writes the groups of {contents.Count} contents");
            if (!await WriteAsync(model, groups, verdicts, report.Stop))
            {
                return false;
            }

            Log.GroupedShadow(
                logger, model.ModelId, contents.Count, groups.Cohesion.Count, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            return true;
        }
        catch (OperationCanceledException) when (report.IsUnwanted)
        {
            return false;
        }
    }

    /// <summary>What is live, its components, and the verdicts they follow. Null when the groups are not wanted any more.</summary>
    private async Task<(EmbeddingMatrix Contents, ConnectedComponents Components, VerdictSet Verdicts)?> JoinAsync(
        ServingModel model, HandoverReport report)
    {
        var join = await tiles.FindAsync(model.ModelId, report.Stop);
        if (join is null)
        {
            var (live, contents, verdicts) = await ReadAsync(model, report.Stop);
            if (contents is not null)
            {
                return (contents, await JoinAsync(model, contents, verdicts, report), verdicts);
            }

            join = await tiles.PlanAsync(model, live, report.Stop);
        }

        if (join is null
            || !await tiles.AwaitAsync(
                join, progress => report.Say(Read + ((Joined - Read) * progress.Share), progress.ToString()), report.Stop))
        {
            return null;
        }

        report.Say(Joined, "unites the tiles");
        var (whole, components) = await tiles.UniteAsync(join, report.Stop);
        return (whole, components, join.Verdicts);
    }

    /// <summary>What is live and the verdicts; the embeddings only when they are not to be joined in tiles.</summary>
    private async Task<(HashSet<long> Live, EmbeddingMatrix? Contents, VerdictSet Verdicts)> ReadAsync(
        ServingModel model, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var live = (await MembershipStore.ReadLiveAsync(connection, model.HeadId, cancellationToken)).ToHashSet();
        var verdicts = new VerdictSet(await VerdictStore.ReadAllAsync(connection, cancellationToken));
        if (live.Count >= options.Value.TilesAtContents)
        {
            return (live, null, verdicts);
        }

        var contents = new EmbeddingMatrix(model.EmbeddingDim, live.Count);
        await EmbeddingReader.StreamHeadAsync(
            connection, model.HeadId, model.EmbeddingDim, (id, _, embedding) =>
            {
                if (live.Contains(id))
                {
                    contents.Add(id, embedding);
                }
            }, cancellationToken);
        return (live, contents, verdicts);
    }

    private async Task<ConnectedComponents> JoinAsync(
        ServingModel model, EmbeddingMatrix contents, VerdictSet verdicts, HandoverReport report)
    {
        var join = new WholeJoin(contents, model.Threshold, verdicts, options.Value, HandoverThreads.Max);
        await using var connection = await dataSource.OpenConnectionAsync(report.Stop);
        var writing = Task.CompletedTask;
        for (var first = 0; first < contents.Count; first += join.ChunkRows)
        {
            var from = first;
            report.Say(Read + ((Joined - Read) * first / contents.Count), $"compares {contents.Count} contents");
            var pairs = await Task.Run(() => join.Run(from, report.Stop), report.Stop);

            // These pairs are explanations only, so they are written outside the transaction that writes groups, while the next rows are
            // joined.
            await writing;
            writing = MatchStore.AddAsync(connection, model.HeadId, pairs, report.Stop);
        }

        await writing;
        return join.Finish();
    }

    private async Task<bool> WriteAsync(ServingModel model, ComponentGrouping groups, VerdictSet known, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);

        // Before the transaction: it must not wait for the group lock with rows that a holder of this lock may want to delete.
        await ModelGroups.DeleteAsync(connection, model.ModelId, [ModelState.Shadow], cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await WholeGroupStore.ReplaceAsync(connection, model.ModelId, groups.Members, groups.Cohesion, groups.Merges, cancellationToken);

        // From here on no transaction can write verdicts or erase contents. Everything written since the contents were read is visible now.
        await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
        await WholeGroupStore.DeleteErasedAsync(connection, model.ModelId, cancellationToken);
        var now = (await VerdictStore.ReadAllAsync(connection, cancellationToken)).ToHashSet();
        now.SymmetricExceptWith(known.All);
        await ModelStaleStore.ReplaceAsync(
            connection, model.ModelId, [.. now.SelectMany(v => new[] { v.ContentA, v.ContentB }).Distinct()],
            cancellationToken);
        await JoinStore.DeleteAsync(connection, model.ModelId, cancellationToken);
        var message = $"grouped {groups.Members.Count} contents";
        if (!await ModelPreparationStore.ReportGroupedAsync(connection, model.ModelId, message, cancellationToken))
        {
            return false;
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
