using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Servers;
using NpgsqlTypes;
using Pgvector;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>A catalogue that is matched under the active model and waits for its groups under a shadow with the same head.</summary>
internal sealed class TiledCatalogue
{
    private readonly BenchServers _servers;
    private readonly long _shadowId;

    private TiledCatalogue(BenchServers servers, ServingModel shadow) => (_servers, _shadowId, Shadow) = (servers, shadow.ModelId, shadow);

    public ServingModel Shadow { get; }

    public static async Task<TiledCatalogue> CreateAsync(
        BenchServers servers, string blobs, int contents, CancellationToken cancellationToken)
    {
        var models = new ModelStore(servers.DataSource);
        var (modelId, headId) = await BenchModel.Pixels(TinyPng.Side)
            .RegisterAsync(models, new FolderBlobStore(blobs), CatalogueVectors.Threshold, cancellationToken);
        var vectors = new CatalogueVectors(1);
        var named = Enumerable.Range(0, contents).Select(i => Content.Of(BitConverter.GetBytes(i), "png", 8, 8)).ToArray();
        await Seed.ContentsAsync(servers.DataSource, named, cancellationToken);
        await using (var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken))
        {
            await using (var writer = await connection.BeginBinaryImportAsync(
                "copy cpf.embeddings (head_id, content_id, embedding) from stdin (format binary)", cancellationToken))
            {
                writer.Timeout = TimeSpan.Zero;
                foreach (var content in named)
                {
                    await writer.StartRowAsync(cancellationToken);
                    await writer.WriteAsync(headId, NpgsqlDbType.Bigint, cancellationToken);
                    await writer.WriteAsync(content.ContentId, NpgsqlDbType.Bigint, cancellationToken);
                    await writer.WriteAsync(new HalfVector(vectors.Picture()), cancellationToken);
                }

                await writer.CompleteAsync(cancellationToken);
            }
        }

        // Nothing is left to do under the active model.
        await servers.ExecuteAsync(
            $"""
            insert into cpf.group_members (model_id, content_id, group_id, component_id, reconciled)
            select {modelId}, content_id, content_id, content_id, true from cpf.embeddings;
            analyze cpf.embeddings; analyze cpf.group_members
            """, cancellationToken);
        var transitions = new ModelTransitions(servers.DataSource);
        var shadow = await transitions.RegisterThresholdAsync(modelId, CatalogueVectors.Threshold, "{}", null, cancellationToken);
        await transitions.BecomeShadowAsync(shadow, cancellationToken);
        return new TiledCatalogue(
            servers, (await models.GetServingAsync(cancellationToken)).Single(model => model.ModelId == shadow));
    }

    /// <summary>Takes back what was asked for, and what came of it.</summary>
    public Task ForgetAsync(CancellationToken cancellationToken) => _servers.ExecuteAsync(
        $"""
        delete from cpf.model_preparations;
        delete from cpf.group_members where model_id = {_shadowId};
        delete from cpf.groups where model_id = {_shadowId};
        delete from cpf.group_merges where model_id = {_shadowId};
        truncate cpf.matches;
        analyze cpf.group_members
        """, cancellationToken);

    /// <summary>Asks for the groups of the shadow.</summary>
    public Task AskAsync(CancellationToken cancellationToken) => _servers.ExecuteAsync(
        $"insert into cpf.model_preparations (model_id, wanted) values ({_shadowId}, 'groups')", cancellationToken);

    /// <summary>Whether everything has its group.</summary>
    public Task<bool> IsGroupedAsync(CancellationToken cancellationToken) => _servers.ScalarAsync<bool>(
        "select exists (select from cpf.model_preparations where grouped_at is not null)", cancellationToken);

    /// <summary>What the groups and the kept pairs are, in one number each.</summary>
    public async Task<(string Groups, string Pairs)> ChecksumsAsync(CancellationToken cancellationToken) => (
        await _servers.ScalarAsync<string>(
            $"""
            select count(*) || ' ' || coalesce(md5(string_agg(content_id || ' ' || group_id || ' ' || component_id, ','
                order by content_id)), '')
            from cpf.group_members where model_id = {_shadowId}
            """, cancellationToken),
        await _servers.ScalarAsync<string>(
            """
            select count(*) || ' ' || coalesce(md5(string_agg(content_a || ' ' || content_b || ' ' || similarity, ','
                order by content_a, content_b)), '')
            from cpf.matches
            """, cancellationToken));
}
