using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Feeds;

public sealed class FeedRightsTests
{
    [Theory]
    [InlineData("file:///data/other/1.jpg")]
    [InlineData("FILE:///data/1.jpg")]
    [InlineData("s3://bucket/other/1.jpg")]
    public void Apply_FileOrObjectOfAFeedThatMayNotNameOne_IsRefusedForGood(string uri)
    {
        var refused = FeedRights.Apply(Feed(readsFiles: false), Entry(uri));

        Assert.Equal(RejectReasons.InvalidUri, refused.Reason);
        Assert.False(RejectReasons.MayPass.Contains(refused.Reason!));
        Assert.Null(FeedRights.Apply(Feed(readsFiles: true), Entry(uri)).Reason);
    }

    [Fact]
    public void Apply_AddressOfTheWeb_IsTaken() =>
        Assert.Null(FeedRights.Apply(Feed(readsFiles: false), Entry("https://shop.example/1.jpg")).Reason);

    [Theory]
    [InlineData(true, ProductKeyScope.Global, ProductKeyScope.Global)]
    [InlineData(false, ProductKeyScope.Global, ProductKeyScope.Source)]
    [InlineData(false, ProductKeyScope.Source, ProductKeyScope.Source)]
    [InlineData(false, null, null)]
    public void Apply_ProductKey_IsGlobalOnlyWhereTheFeedMaySaySo(bool globalKeys, string? said, string? kept) =>
        Assert.Equal(kept, FeedRights.Apply(Feed(globalKeys: globalKeys), new Submission { ProductKey = "1", KeyScope = said }).KeyScope);

    private static Feed Feed(bool globalKeys = false, bool readsFiles = false) => new()
    {
        FeedId = 1, Source = "s", Path = "", Format = "csv", Snapshot = false, State = "running", Revision = 1, RowsRead = 0,
        Unchanged = 0, Stored = 0, Rejected = 0, Retracted = 0, SubmittedAt = DateTimeOffset.UnixEpoch, GlobalKeys = globalKeys,
        ReadsFiles = readsFiles,
    };

    private static ImageEntry Entry(string uri) => new() { Source = "s", ExternalId = "1", Uri = uri, Revision = 1 };
}
