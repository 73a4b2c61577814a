using CpfPipeline.Contracts;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Erasures;

/// <summary>Erased images and contents are removed from messages that wait to be published. Subscribers get their messages first.</summary>
public sealed class OutboxTracesTests(TestDatabases databases)
{
    [Fact]
    public async Task Image_NamedInWaitingMessages_IsTakenOutAndOthersStay()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await harness.ShowAsync("gone", 1);
        await harness.Database.ExecuteAsync("delete from cpf.outbox");
        await AppendAsync(
            harness,
            Submit("shop", "gone"), Submit("shop", "stays"), Submit("elsewhere", "gone"),
            new RetractImage { Source = "shop", ExternalId = "gone" },
            new ImageRejected { ImageId = ImageId.From("shop", "gone"), Source = "shop", ExternalId = "gone", Revision = 1,
                Reason = "empty" });

        var outcome = await harness.RequestAsync("gone");

        Assert.Equal(3L, outcome!.Erasure.Counts["messages"]);
        Assert.Equal(
            ["SubmitImage shop stays", "SubmitImage elsewhere gone"],
            await TextsAsync(harness,
                """
                select type || ' ' || (payload->>'source') || ' ' || (payload->>'externalId') from cpf.outbox
                    where payload ? 'source' order by seq
                """));
    }

    [Fact]
    public async Task Content_NamedInWaitingMessages_IsTakenOutAndOthersStay()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("gone", 1);
        var id = ContentId.FromSha256(sha256);
        var outcome = await harness.RequestAsync(sha256);
        await harness.DeliverAsync(sha256);
        await AppendAsync(
            harness,
            new ContentStored { ContentId = id }, new ContentStored { ContentId = 7 },
            new ContentReleased { ContentIds = [id] }, new ContentReleased { ContentIds = [7, id, 8] },
            new EmbedContents { ContentIds = [id, 7] }, new EmbedContents { ContentIds = [7, 8] },
            new VerdictGiven { ContentA = 7, ContentB = id, Verdict = "same" },
            new VerdictGiven { ContentA = 7, ContentB = 8, Verdict = "same" });
        await AppendNumbersAsync(harness, id);

        Assert.True(await harness.AdvanceAsync(outcome!.Erasure.ErasureId));

        Assert.Equal(
            [
                """ContentReleased {"contentIds": ["7", "8"]}""", """ContentStored {"contentId": "7"}""",
                """EmbedContents {"contentIds": ["7", "8"]}""", """EmbedContents {"contentIds": ["7"]}""",
                """EmbedContents {"contentIds": [7]}""", """VerdictGiven {"verdict": "same", "contentA": "7", "contentB": "8"}""",
            ],
            await TextsAsync(
                harness, """select t from (select type || ' ' || payload::text from cpf.outbox) as o(t) order by t collate "C" """));
    }

    [Fact]
    public async Task Content_NamedInAMessageToSubscribers_WaitsUntilItIsPublished()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("gone", 1);
        var outcome = await harness.RequestAsync(sha256);
        await harness.DeliverAsync(sha256);
        await AppendAsync(
            harness, new MatchGroupsChanged { ModelId = 1, FirstSeq = 1, LastSeq = 1, GroupIds = [ContentId.FromSha256(sha256)] });

        // The outbox is long while the broker is away: it is read without holding up the Matcher, and so not even while that has the lock.
        await using (var matcher = await harness.Database.DataSource.OpenConnectionAsync())
        await using (await matcher.BeginTransactionAsync())
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await TransactionLocks.TakeGroupsAsync(matcher, default);
            await harness.Purge.MarkDeletedAsync(outcome!.Erasure.ErasureId, default);
            Assert.False(await harness.Purge.TryFinishAsync(outcome.Erasure.ErasureId, (_, _) => Task.CompletedTask, limit.Token));
        }

        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.outbox"));

        await harness.Database.ExecuteAsync("delete from cpf.outbox"); // Published.
        Assert.True(await harness.AdvanceAsync(outcome.Erasure.ErasureId));
    }

    private static SubmitImage Submit(string source, string externalId) =>
        new() { Source = source, ExternalId = externalId, Uri = "http://pictures/x.gif" };

    private static async Task AppendAsync(ErasureHarness harness, params object[] messages)
    {
        await using var connection = await harness.Database.DataSource.OpenConnectionAsync();
        await OutboxStore.AppendAsync(connection, messages, default);
    }

    // As older services wrote them.
    private static Task AppendNumbersAsync(ErasureHarness harness, long id) => harness.Database.ExecuteAsync(
        """
        insert into cpf.outbox (type, payload) values
            ('ContentStored', jsonb_build_object('contentId', $1)),
            ('EmbedContents', jsonb_build_object('contentIds', jsonb_build_array($1, 7))),
            ('VerdictGiven', jsonb_build_object('contentA', 7, 'contentB', $1, 'verdict', 'same'))
        """, id);

    private static async Task<List<string>> TextsAsync(ErasureHarness harness, string sql) =>
        [.. (await harness.Database.QueryAsync(sql)).Select(r => (string)r[0]!)];
}
