using CpfPipeline.Data.Models;
using CpfPipeline.Nights.Handover;
using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Handover;

public sealed class ModelRetentionTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DropUnusedAsync_FourModels_KeepsTheActiveAndTheLastTwoRetired()
    {
        await using var database = await databases.CreateAsync(Token);
        await FillAsync(database, models: 4);

        var dropped = await new ModelRetention(database.DataSource).DropUnusedAsync(2, Token);

        Assert.Equal([1L], dropped.Heads);
        Assert.Empty(dropped.Backbones); // All heads are on one.
        for (var head = 1; head <= 4; head++)
        {
            Assert.Equal(head > 1, await database.ScalarAsync<bool>($"select to_regclass('cpf.embeddings_h{head}') is not null"));
        }

        foreach (var table in new[] { "cpf.group_members", "cpf.groups", "cpf.group_merges" })
        {
            Assert.Equal(2 + 3 + 4L, await database.ScalarAsync<long>($"select sum(model_id)::bigint from {table}"));
        }

        Assert.Equal(2 + 3 + 4L, await database.ScalarAsync<long>("select sum(head_id)::bigint from cpf.matches"));
        Assert.Equal(4L, await database.ScalarAsync<long>("select count(*) from cpf.models"));
        Assert.Empty((await new ModelRetention(database.DataSource).DropUnusedAsync(2, Token)).Heads);
    }

    [Fact]
    public async Task DropUnusedAsync_ReaderActive_LeavesItForTheNextTime()
    {
        await using var database = await databases.CreateAsync(Token);
        await FillAsync(database, models: 4);
        var retention = new ModelRetention(database.DataSource);
        await using (var reader = await database.DataSource.OpenConnectionAsync(Token))
        await using (await reader.BeginTransactionAsync(Token))
        {
            await using var read = new NpgsqlCommand("select count(*) from cpf.embeddings", reader);
            await read.ExecuteScalarAsync(Token);
            Assert.Empty((await retention.DropUnusedAsync(2, Token)).Heads);
        }

        Assert.Equal([1L], (await retention.DropUnusedAsync(2, Token)).Heads);
    }

    [Fact]
    public async Task DropUnusedAsync_BackboneOfNoReadyModel_GoesWithItsFeatures()
    {
        await using var database = await databases.CreateAsync(Token);
        await FillAsync(database, models: 2);
        await FillAsync(database, models: 2, backbone: 1);
        var retention = new ModelRetention(database.DataSource);
        Assert.Empty((await retention.DropUnusedAsync(2, Token)).Backbones);

        var dropped = await retention.DropUnusedAsync(1, Token);

        Assert.Equal([2L], dropped.Heads);
        Assert.Equal([1L], dropped.Backbones);
        Assert.Equal(1L, await database.ScalarAsync<long>(
            "select count(*) from cpf.backbones where backbone_id <> 1 and to_regclass('cpf.features_b' || backbone_id) is not null"));
        Assert.True(await database.ScalarAsync<bool>("select to_regclass('cpf.features_b1') is null"));
    }

    [Theory]
    [InlineData("failed", 2)]
    [InlineData("cancelled", 2)]
    [InlineData(null, 1)]
    public async Task DropUnusedAsync_LastActivationDidNotSucceed_WhatItComputedStays(string? end, int kept)
    {
        await using var database = await databases.CreateAsync(Token);
        await FillAsync(database, models: 1);
        await FillAsync(database, models: 1, backbone: 1);
        await database.ExecuteAsync(
            """
            update cpf.models set state = 'refused', activated_at = null where model_id = 2;
            update cpf.models set state = 'active', retired_at = null where model_id = 1
            """);
        if (end is not null)
        {
            await database.ExecuteAsync(
                $$"""
                insert into cpf.training_runs (run_id, kind, trigger, request, model_id, state, finished_at)
                    values (gen_random_uuid(), 'activation', 'start', '{}', 2, '{{end}}', now())
                """);
        }

        var dropped = await new ModelRetention(database.DataSource).DropUnusedAsync(2, Token);

        Assert.Equal((2 - kept, 2 - kept), (dropped.Heads.Count, dropped.Backbones.Count));
    }

    [Theory]
    [InlineData("2 days", 1)]
    [InlineData("1 hour", 0)]
    public async Task DropUnusedAsync_CandidateThatNoRunTakesOn_GoesAfterADay(string age, int dropped)
    {
        await using var database = await databases.CreateAsync(Token);
        await FillAsync(database, models: 1);
        await FillAsync(database, models: 1, backbone: 1);
        await database.ExecuteAsync(
            """
            update cpf.models set state = 'candidate', activated_at = null where model_id = 2;
            update cpf.models set state = 'active', retired_at = null where model_id = 1
            """);
        await database.ExecuteAsync($"update cpf.models set created_at = now() - interval '{age}' where model_id = 2");

        Assert.Equal(dropped, (await new ModelRetention(database.DataSource).DropUnusedAsync(2, Token)).Backbones.Count);
    }

    // Each takes the place of the one before, and has a pair of contents in one group.
    private static async Task FillAsync(TestDatabase database, int models, byte backbone = 0)
    {
        var store = new ModelStore(database.DataSource);
        for (byte i = 1; i <= models; i++)
        {
            var (modelId, headId) = (0L, 0L);
            await store.RegisterActiveAsync(
                new NewModel([.. Enumerable.Repeat(backbone, 32)], 4, "{}", [.. Enumerable.Repeat(i, 32)], 2, .5, "{}"),
                (model, head) =>
                {
                    (modelId, headId) = (model, head);
                    return [];
                }, Token);
            await database.ExecuteAsync(
                $"""
                insert into cpf.embeddings (head_id, content_id, embedding) values ({headId}, 1, '[1,0]'), ({headId}, 2, '[1,0]');
                insert into cpf.matches (head_id, content_a, content_b, similarity) values ({headId}, 1, 2, 1);
                insert into cpf.group_members (model_id, content_id, group_id, component_id) values ({modelId}, 1, 1, 1);
                insert into cpf.groups (model_id, group_id, size, min_pair_similarity, medoid, weakest_merge)
                    values ({modelId}, 1, 2, 1, 1, 1);
                insert into cpf.group_merges (model_id, "left", "right", height) values ({modelId}, 1, 2, 1);
                """);
        }
    }
}
