using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Nights.Handover;

/// <summary>The vector index of a head that does not serve yet: built between loading its embeddings and the first search.</summary>
public sealed class ShadowIndex(
    NpgsqlDataSource dataSource, BackfillStore store, IOptions<NightOptions> options, TimeProvider time, ILogger<ShadowIndex> logger)
{
    public async Task BuildAsync(ServingModel model, Action<double, string?> report, CancellationToken cancellationToken)
    {
        var live = await store.CountEmbeddingsAsync(model.HeadId, cancellationToken);
        if (live < options.Value.IndexAtContents)
        {
            // The Matcher joins or streams so few contents without an index. Under another backbone they arrive one by one from now on, and
            // the Matcher builds the index when they are there.
            return;
        }

        report(0, $"building the vector index of {live:N0} embeddings");
        var (start, allowed) = (time.GetTimestamp(), options.Value.IndexMegabytes);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var needed = await EmbeddingIndexStore.ReadMegabytesAsync(connection, model.HeadId, cancellationToken);
        if (needed > allowed)
        {
            Log.IndexMemoryIsShort(logger, model.HeadId, needed, allowed);
            report(
                0,
                $"building the vector index of {live:N0} embeddings, slowly: Trainer:IndexMegabytes allows {allowed:N0} of {needed:N0} "
                    + "MiB");
        }

        if (await EmbeddingIndexStore.CreateAsync(connection, model.HeadId, allowed, cancellationToken))
        {
            Log.IndexBuilt(logger, model.HeadId, live, time.GetElapsedTime(start).TotalSeconds);
        }
    }
}
