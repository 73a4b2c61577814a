using CpfPipeline.Data.Erasures;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Erasures;

/// <summary>Every erasure gets its record outside of the database, whatever was in the way of it at first.</summary>
public sealed class ErasureRecordTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_FinishedAtOnceAndNeverRecorded_RecordsItsReceiptOnce()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await harness.ShowAsync("a", 1);
        await harness.SubmitAsync("b", 1);
        var erasure = (await harness.RequestAsync("a"))!.Erasure; // The process dies before it keeps a record.
        Assert.Equal(ErasureState.Finished, erasure.State);

        var (turn, records) = Turn(harness);
        await turn.RunAsync(Token);

        var kept = records.Find(Convert.ToHexStringLower(erasure.Tombstone));
        Assert.Equal(ErasureReceipt.Canonical(erasure), kept?.Receipt);
        Assert.Empty(await harness.Erasures.ListUnrecordedAsync(10, Token));
    }

    [Fact]
    public async Task Run_FolderCannotBeWrittenTo_FailsAndRecordsLater()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await harness.SubmitAsync("rejected before it had bytes", 1);
        await harness.SubmitAsync("b", 1);
        var erasure = (await harness.RequestAsync("rejected before it had bytes"))!.Erasure;
        var (turn, records) = Turn(harness);
        await File.WriteAllTextAsync(Folder(harness), "in the way", Token);

        await Assert.ThrowsAnyAsync<IOException>(() => turn.RunAsync(Token));
        Assert.Single(await harness.Erasures.ListUnrecordedAsync(10, Token));

        File.Delete(Folder(harness));
        await turn.RunAsync(Token);
        Assert.NotNull(records.Find(Convert.ToHexStringLower(erasure.Tombstone))?.Receipt);
    }

    [Fact]
    public async Task Run_UnfinishedWithFormerContents_EndsWithAReceiptOfEach()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var first = await harness.ShowAsync("a", 1);
        var second = await harness.ShowAsync("a", 2);
        var erasure = (await harness.RequestAsync("a"))!.Erasure;
        var (turn, records) = Turn(harness);
        await turn.RunAsync(Token);
        Assert.Null(records.Find(Convert.ToHexStringLower(erasure.Tombstone))!.Receipt);

        await harness.DeliverAsync(first, second);
        for (var i = 0; i < 2; i++)
        {
            await turn.RunAsync(Token); // The former content first, then what waits for it.
        }

        Assert.Empty(await harness.Erasures.ListUnfinishedAsync(10, Token));
        Assert.Empty(await harness.Erasures.ListUnrecordedAsync(10, Token));
        var finished = (await harness.Erasures.FindAsync(erasure.ErasureId, Token))!;
        Assert.Equal(ErasureReceipt.Canonical(finished), records.Find(Convert.ToHexStringLower(erasure.Tombstone))!.Receipt);
    }

    private static string Folder(ErasureHarness harness) => Path.Combine(harness.Ingest.Folder, "erasures");

    private static (ErasureTurn Turn, ErasureRecords Records) Turn(ErasureHarness harness)
    {
        var records = new ErasureRecords(Folder(harness));
        return (
            new ErasureTurn(
                harness.Erasures,
                new ErasureWork(harness.Purge, harness.Ingest.Blobs, new IngestMetrics(), NullLogger<ErasureWork>.Instance),
                new ErasureRecording(records, harness.Ingest.Key), NullLogger<ErasureTurn>.Instance),
            records);
    }
}
