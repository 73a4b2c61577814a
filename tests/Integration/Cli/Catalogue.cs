using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Data.Ids;
using CpfPipeline.Tests.Integration.Fixtures;

namespace CpfPipeline.Tests.Integration.Cli;

/// <summary>Rows as the services write them, so that readers can be tested without running any.</summary>
internal sealed class Catalogue(TestDatabase database)
{
    private long _model;

    /// <summary>An active model, to which <see cref="GroupAsync"/> refers.</summary>
    public async Task ActivateModelAsync()
    {
        var backbone = await database.ScalarAsync<long>(
            "insert into cpf.backbones (sha256, feature_dim, input_spec, blob_key) values ($1, 4, '{}', 'b') returning backbone_id",
            RandomNumberGenerator.GetBytes(32));
        var head = await database.ScalarAsync<long>(
            "insert into cpf.heads (backbone_id, sha256, embedding_dim, blob_key) values ($1, $2, 4, 'h') returning head_id", backbone,
            RandomNumberGenerator.GetBytes(32));
        await database.ExecuteAsync("update cpf.models set state = 'retired' where state = 'active'");
        _model = await database.ScalarAsync<long>(
            "insert into cpf.models (head_id, threshold, state) values ($1, 0.5, 'active') returning model_id", head);
    }

    public async Task<long> FeedAsync(string source) => await database.ScalarAsync<long>(
        "insert into cpf.feeds (source, path, format, revision, state) values ($1, '/f', 'folder', 1, 'finished') returning feed_id",
        source);

    /// <summary>A stored image of the content of this name.</summary>
    public async Task StoreAsync(string source, string externalId, long content, string? key = null)
    {
        await database.ExecuteAsync(
            """
            insert into cpf.contents (content_id, sha256, format, width, height, byte_length) values ($1, $2, 'png', 8, 8, 100)
            on conflict do nothing
            """,
            content, Hash(content));
        await InsertAsync(source, externalId, "stored", content, null, key);
    }

    public Task RejectAsync(string source, string externalId, string reason) =>
        InsertAsync(source, externalId, "rejected", null, reason, null);

    public Task ReceiveAsync(string source, string externalId) => InsertAsync(source, externalId, "received", null, null, null);

    public async Task GroupAsync(long group, bool pending, bool reconciled, params long[] contents)
    {
        foreach (var content in contents)
        {
            await database.ExecuteAsync(
                """
                insert into cpf.group_members (model_id, content_id, group_id, component_id, pending, reconciled)
                values ($1, $2, $3, $3, $4, $5)
                """,
                _model, content, group, pending, reconciled);
        }
    }

    public static byte[] Hash(long content) => SHA256.HashData(Encoding.UTF8.GetBytes($"content {content}"));

    private async Task InsertAsync(string source, string externalId, string state, long? content, string? reason, string? key) =>
        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, state, content_id, reject_reason, product_key, key_scope, revision)
            values ($1, $2, $3, 'file:///x', $4, nullif($5, -1), nullif($6, ''), nullif($7, ''), 'global', 1)
            """,
            ImageId.From(source, externalId), source, externalId, state, content ?? -1, reason ?? "", key ?? "");
}
