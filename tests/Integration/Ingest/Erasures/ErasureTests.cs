using CpfPipeline.Data.Ids;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Erasures;

public sealed class ErasureTests(TestDatabases databases)
{
    [Fact]
    public async Task Content_ErasedWithAllThatWasKnownOfIt_LeavesNothingInADump()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var (sha256, other) = (
            await harness.ShowAsync("secret-one", 1, productKey: "secret-key"), await harness.ShowAsync("plain", 2, x: 0.9, y: 0.1));
        await harness.SubmitAsync("secret-two", 1, "secret-key");
        await harness.SubmitAsync("secret-three", 1);
        await harness.RetractAsync("secret-three");
        var id = ContentId.FromSha256(sha256);
        await AddTracesAsync(harness, id, ContentId.FromSha256(other));
        await harness.ActivateAsync(head: 2); // What the first model said of it is history now.
        await harness.EmbedAsync(1);
        await harness.EmbedAsync(2, x: 0.9, y: 0.1);
        string[] secrets =
        [
            Convert.ToHexStringLower(sha256), $"{id}", "secret-one", "secret-two", "secret-three", "secret-key", "pictures/secret",
            $"{ImageId.From("shop", "secret-one")}",
        ];
        var before = await harness.DumpAsync();
        Assert.All(secrets, secret => Assert.Contains(secret, before, StringComparison.Ordinal));

        var receipt = await harness.FinishAsync(await harness.RequestAsync(sha256), sha256);

        var after = await harness.DumpAsync();
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, after, StringComparison.Ordinal));
        Assert.Contains(Convert.ToHexStringLower(receipt.Tombstone), after, StringComparison.Ordinal);
        Assert.Contains("plain", after, StringComparison.Ordinal);
        Assert.Empty(await harness.TracesAsync(sha256));
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(other, default));
        await harness.AssertHistoryAsync();
        Assert.Equal(
            [$"{{-1,{ContentId.FromSha256(other)}}}", $"{{-1,{ContentId.FromSha256(other)}}}"],
            (await harness.Database.QueryAsync(
                "select content_ids::text from cpf.join_blocks union all select verdict_a::text from cpf.joins"))
                .Select(row => (string)row[0]!));
        Assert.Equal(
            (3L, 1L, 1L, 2L, 1L, 1L, 2L, 1L),
            (receipt.Counts["images"], receipt.Counts["contents"], receipt.Counts["features"], receipt.Counts["embeddings"],
                receipt.Counts["verdicts"],
                receipt.Counts["placeholder_overrides"], receipt.Counts["matches"], receipt.Counts["memberships"]));
        Assert.Equal(ErasureReceipt.Hash(receipt), receipt.RecordHash);
        Assert.Equal("officer", receipt.Who);
    }

    [Fact]
    public async Task Content_SubmittedAgain_IsRejectedAndItsBytesAreNotKept()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1, productKey: "k");
        await harness.FinishAsync(await harness.RequestAsync(sha256), sha256);

        var again = await harness.SubmitAsync("b", 1, "k");

        Assert.Equal("erased", again.Reason);
        Assert.Empty(await harness.TracesAsync(sha256));
        Assert.Equal(
            [["b", "rejected", "erased", "", null]],
            await harness.Database.QueryAsync("select external_id, state, reject_reason, uri, product_key from cpf.images"));
        Assert.Null((await harness.SubmitAsync("a", 2)).Reason);
    }

    [Fact]
    public async Task Content_MiddleOfThree_SplitsItsGroup()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var left = await harness.ShowAsync("left", 1, 1, 0);
        var middle = await harness.ShowAsync("middle", 2, 0.7, 0.7);
        var right = await harness.ShowAsync("right", 3, 0.35, 0.93);
        Assert.Equal([3L], await SizesAsync(harness));

        var outcome = await harness.RequestAsync(middle);
        Assert.False(await harness.AdvanceAsync(outcome!.Erasure.ErasureId)); // The Matcher still has it.
        Assert.NotEmpty(await harness.TracesAsync(middle));
        await harness.DeliverAsync(middle);
        await harness.Database.ExecuteAsync(
            "insert into cpf.outbox (type, payload) values ('MatchGroupsChanged', jsonb_build_object('groupIds', jsonb_build_array($1)))",
            ContentId.FromSha256(middle));
        Assert.False(await harness.AdvanceAsync(outcome.Erasure.ErasureId)); // Subscribers who know a group by its id have not been told.
        await harness.FinishAsync(outcome, middle);

        Assert.Equal([1L, 1L], await SizesAsync(harness));
        Assert.Empty(await harness.TracesAsync(middle));
        await harness.AssertHistoryAsync();
        Assert.Equal(
            [outcome.Erasure.ErasureId],
            (await harness.Database.QueryAsync("select -content_id from cpf.group_events where kind = 'left'")).Select(r => (long)r[0]!));
        Assert.NotEqual(left, right);
    }

    [Fact]
    public async Task Content_EveryOneOfAGroup_LeavesNoTraceInTheHistory()
    {
        // Whichever has the smallest id lends it to the others' events.
        await using var harness = await ErasureHarness.StartAsync(databases);
        var contents = new List<byte[]>();
        for (var i = 0; i < 4; i++)
        {
            contents.Add(await harness.ShowAsync($"{i}", i, 1, 0.01 * i));
        }

        Assert.Equal([4L], await SizesAsync(harness));
        foreach (var sha256 in contents.OrderBy(c => ContentId.FromSha256(c)))
        {
            await harness.FinishAsync(await harness.RequestAsync(sha256), sha256);
            Assert.Empty(await harness.TracesAsync(sha256));
            await harness.AssertHistoryAsync();
        }

        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.group_members"));
    }

    [Fact]
    public async Task Image_AnotherShowsTheSame_KeepsTheBytes()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("gone", 1, productKey: "gone-key");
        await harness.SubmitAsync("stays", 1);
        await harness.Database.ExecuteAsync("insert into cpf.feeds (source, path, format, revision) values ('shop', '/f', 'folder', 1)");
        await harness.Database.ExecuteAsync(
            "insert into cpf.feed_rejections values (1, 1, 'gone', 'empty', null), (1, 2, 'stays', 'empty', null)");

        var receipt = await harness.FinishAsync(await harness.RequestAsync("gone"), sha256);

        Assert.Equal((1L, 0L, 1L), (receipt.Counts["images"], receipt.Counts["contents"], receipt.Counts["feed_rejections"]));
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
        Assert.Equal([("stays", "stored")], await harness.Ingest.StatesAsync());
        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.group_members"));
        var dump = await harness.DumpAsync();
        Assert.All(new[] { "gone-key", "pictures/gone", $"{ImageId.From("shop", "gone")}" }, secret =>
            Assert.DoesNotContain(secret, dump, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Image_AloneWithItsBytes_TakesThemAlongAndTheImageDoesNotComeBack()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("secret-one", 1, productKey: "secret-key");
        await harness.SubmitAsync("secret-past", 1);
        await harness.RetractAsync("secret-past");

        var receipt = await harness.FinishAsync(await harness.RequestAsync("secret-one"), sha256);

        Assert.Equal(1L, receipt.Counts["contents"]);
        Assert.Empty(await harness.TracesAsync(sha256));
        var dump = await harness.DumpAsync();
        Assert.All(
            new[] { Convert.ToHexStringLower(sha256), $"{ContentId.FromSha256(sha256)}", "secret-one", "secret-key" },
            secret => Assert.DoesNotContain(secret, dump, StringComparison.Ordinal));

        // Its source may not bring it back, whatever picture it shows. Other images may show the same picture.
        Assert.Equal("erased", (await harness.SubmitAsync("secret-one", 5)).Reason);
        Assert.Equal("erased", (await harness.Ingest.Intake.AnnounceAsync([ErasureHarness.Entry("secret-one", 5)], default))[0].Reason);
        Assert.Equal([("secret-past", "retracted")], await harness.Ingest.StatesAsync());
        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.outbox where type = 'SubmitImage'"));
        Assert.Null((await harness.SubmitAsync("elsewhere", 1)).Reason);
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
    }

    [Fact]
    public async Task Image_SameBytesComeFromElsewhereBeforeThePurge_KeepsThem()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("gone", 1);
        var outcome = await harness.RequestAsync("gone");
        Assert.Null((await harness.SubmitAsync("late", 1)).Reason);

        var receipt = await harness.FinishAsync(outcome, sha256);

        Assert.Equal(0L, receipt.Counts["contents"]);
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
        Assert.Equal([("late", "stored")], await harness.Ingest.StatesAsync());
    }

    [Fact]
    public async Task Request_Again_AnswersWithTheSameReceipt()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        await harness.SubmitAsync("b", 2);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => harness.RequestAsync(sha256)));
        var images = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => harness.RequestAsync("b")));
        Assert.Single(outcomes.Select(o => o!.Erasure.ErasureId).Distinct());
        Assert.Single(images.Select(o => o!.Erasure.ErasureId).Distinct());
        Assert.Equal((1, 1), (outcomes.Count(o => !o!.Existing), images.Count(o => !o!.Existing)));
        Assert.Equal(2L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.erasures"));
        var receipt = await harness.FinishAsync(outcomes[0], sha256);

        var again = await harness.RequestAsync(sha256);

        Assert.True(again!.Existing);
        Assert.Equal(receipt.RecordHash, again.Erasure.RecordHash);
    }

    [Fact]
    public async Task Request_Unknown_IsNothing()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        Assert.Null(await harness.RequestAsync(new byte[32]));
        Assert.Null(await harness.RequestAsync("nobody"));
        Assert.Equal(0L, await harness.Database.ScalarAsync<long>(
            "select (select count(*) from cpf.erasures) + (select count(*) from cpf.tombstones) + (select count(*) from cpf.contents)"));
    }

    [Fact]
    public async Task Content_CollectedBefore_CanStillBeErased()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        await harness.RetractAsync("a");
        await harness.DeliverAsync(sha256);
        Assert.Equal(1, await harness.NewCollection(TimeSpan.Zero).RunAsync(default));
        Assert.NotEmpty(await harness.TracesAsync(sha256)); // The history keeps the id.

        await harness.FinishAsync(await harness.RequestAsync(sha256), sha256);

        Assert.Empty(await harness.TracesAsync(sha256));
        Assert.Equal("erased", (await harness.SubmitAsync("b", 1)).Reason);
    }

    private static async Task AddTracesAsync(ErasureHarness harness, long id, long other)
    {
        var database = harness.Database;
        var (a, b) = (Math.Min(id, other), Math.Max(id, other));
        await database.ExecuteAsync("insert into cpf.verdicts (content_a, content_b, verdict, who) values ($1, $2, 'same', 'x')", a, b);
        await database.ExecuteAsync(
            """
            with request as (
                insert into cpf.review_requests (request_id, who, body_sha256)
                values (gen_random_uuid(), 'x', sha256('')) returning request_id
            ), event as (
                insert into cpf.verdict_events (content_a, content_b, verdict_after, who) values ($1, $2, 'same', 'x') returning seq
            ), contradiction as (
                insert into cpf.contradictions (content_a, content_b, verdict, who, links) values ($1, $2, 'different', 'x', 1)
                returning contradiction_id
            ), link as (
                insert into cpf.contradiction_links (contradiction_id, place, content_a, content_b, verdict, who, at)
                select contradiction_id, 1, $1, $2, 'same', 'x', now() from contradiction
            )
            insert into cpf.review_answers (request_id, content_a, content_b, word, who, verdict_seq)
            select request_id, $1, $2, 'same', 'x', seq from request, event
            """, a, b);
        await database.ExecuteAsync(
            "insert into cpf.verdict_events (content_a, content_b, verdict_before, who, undoes) select $1, $2, 'same', 'x', max(seq) "
            + "from cpf.verdict_events", a, b);
        await database.ExecuteAsync("insert into cpf.placeholder_overrides (content_id, is_placeholder) values ($1, false)", id);
        await database.ExecuteAsync("insert into cpf.model_stale (model_id, content_id) select model_id, $1 from cpf.models", id);
        await database.ExecuteAsync(
            "insert into cpf.model_preparations (model_id, wanted) select max(model_id), 'groups' from cpf.models");
        await database.ExecuteAsync(
            """
            with planned as (
                insert into cpf.joins (model_id, contents, block_contents, range_blocks, pairs_kept, nearest_kept, nearest_floor, verdict_a,
                                       verdict_b, verdict_same)
                select max(model_id), 2, 2, 1, 1, 1, 0, array[$1, $2], array[$2, $1], array[true, false] from cpf.models
                returning join_id
            )
            insert into cpf.join_blocks select join_id, 0, array[$1, $2] from planned
            """, id, other);
        await database.ExecuteAsync("insert into cpf.model_diff_contents select model_id, $1, 'split', $2, $1 from cpf.models", id, other);
        await database.ExecuteAsync("insert into cpf.model_diff_contents select model_id, $2, 'split', $1, $2 from cpf.models", id, other);
        await database.ExecuteAsync(
            "insert into cpf.feeds (source, path, format, snapshot, revision) values ('shop', '/f', 'folder', true, 1)");
        await database.ExecuteAsync("insert into cpf.feed_images values (1, $1)", ImageId.From("shop", "secret-two"));
        await database.ExecuteAsync("insert into cpf.feed_rejections values (1, 7, 'secret-two', 'empty', 'at secret-two')");
    }

    private static async Task<List<long>> SizesAsync(ErasureHarness harness) =>
        [.. (await harness.Database.QueryAsync("select count(*) from cpf.group_members where model_id = $1 group by group_id order by 1",
            harness.Model.ModelId)).Select(r => (long)r[0]!)];
}
