using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Ids;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Intake;

/// <summary>A picture that was judged by damaged bytes is judged anew when the right ones come.</summary>
public sealed class DamagedBytesTests(TestDatabases databases)
{
    [Fact]
    public async Task Take_RightBytesOverDamagedOnesThatWereUndecodable_AreStored()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        await RejectAsync(harness, sha256);
        await File.WriteAllTextAsync(Path.Combine(harness.Ingest.Folder, "blobs", BlobName.Of(sha256)), "cut off");

        Assert.Null((await harness.SubmitAsync("b", 1)).Reason);

        Assert.Equal([("a", "rejected"), ("b", "stored")], await harness.Ingest.StatesAsync());
        Assert.Equal(TestPictures.Gif(1), await harness.Ingest.Blobs.ReadAsync(sha256, default));
        Assert.Equal(
            ContentState.Stored, await harness.Database.ScalarAsync<string>("select state from cpf.contents where reject_reason is null"));
    }

    [Fact]
    public async Task Take_WholeBytesThatWereUndecodable_AreRejected()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await RejectAsync(harness, await harness.ShowAsync("a", 1));

        Assert.Equal(RejectReasons.Undecodable, (await harness.SubmitAsync("b", 1)).Reason);
    }

    private static Task RejectAsync(ErasureHarness harness, byte[] sha256) =>
        new ContentRejectionStore(harness.Database.DataSource).RejectAsync(
            [new ContentRejection(ContentId.FromSha256(sha256), RejectReasons.Undecodable, "ends too soon")], _ => [], default);
}
