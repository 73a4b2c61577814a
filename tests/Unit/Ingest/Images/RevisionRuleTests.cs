using CpfPipeline.Ingest.Images;
using CpfPipeline.Vocabulary;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Images;

public sealed class RevisionRuleTests
{
    [Fact]
    public void Merge_AnyOrderAndDuplication_SameRow() =>
        Gen.Select(Changes.Any.Array[1, 8], Gen.Int[0, int.MaxValue]).Sample((versions, seed) =>
        {
            // A failure without a revision has no order either: it is shown until the next good update.
            var ordered = versions.Where(v => !v.HasNoRevision).ToArray();
            var shuffled = ordered.Concat(ordered).ToArray();
            new Random(seed).Shuffle(shuffled);
            Assert.Equal(Text(Fold(ordered)), Text(Fold(shuffled)));
        });

    // The naive model: what is live is the highest of what was stored or retracted, and nothing else matters.
    [Fact]
    public void Merge_AnySequence_LiveIsTheNewestThatWasStoredOrRetracted() =>
        Changes.Any.Array[1, 12].Sample(versions =>
        {
            ImageRow? row = null;
            for (var i = 0; i < versions.Length; i++)
            {
                var before = row?.LiveContentId;
                row = RevisionRule.Merge(row, versions[i], _ => false);
                var newest = versions[..(i + 1)].Where(v => v.State is ImageState.Stored or ImageState.Retracted)
                    .OrderBy(v => v, Comparer<ImageVersion>.Create(RevisionRule.Compare)).LastOrDefault();
                Assert.Equal(newest?.State == ImageState.Stored ? newest.ContentId : null, row.LiveContentId);
                Assert.True(before is null || row.LiveContentId is not null || versions[i].State == ImageState.Retracted);
            }
        });

    [Fact]
    public void Merge_FailedUpdateOfALiveImage_IsShownUntilTheNextGoodOne()
    {
        var failed = Fold(Changes.Stored(1, 7), Changes.Rejected(2, "not_found"));
        Assert.Equal((7, "not_found", 2), (failed!.LiveContentId, failed.Failed!.Reason, failed.Failed.Revision));
        Assert.Null(RevisionRule.Merge(failed, Changes.Stored(2, 8), _ => false).Failed);
        Assert.NotNull(RevisionRule.Merge(failed, Changes.Stored(1, 8), _ => false).Failed);
    }

    [Fact]
    public void Merge_FailureWithoutRevision_OutranksNothing()
    {
        var live = Fold(Changes.Stored(5, 7), Changes.Rejected(ImageChange.NoRevision, "invalid_submission"));
        Assert.Equal((7, "invalid_submission"), (live!.LiveContentId, live.Failed!.Reason));
        Assert.Null(RevisionRule.Merge(live, Changes.Stored(6, 8), _ => false).Failed);
        var never = Fold(Changes.Rejected(ImageChange.NoRevision, "invalid_submission"), Changes.Stored(1, 7));
        Assert.Equal(7, never!.LiveContentId);
    }

    [Fact]
    public void Merge_LateOlderSubmissionAfterRetractionAndFailure_DoesNotComeBack()
    {
        var row = Fold(Changes.Retracted(5), Changes.Rejected(7, "empty"));
        Assert.Equal((ImageState.Rejected, 5), (row!.Current.State, row.AppliedRevision));
        Assert.Null(RevisionRule.Merge(row, Changes.Stored(5, 1), _ => false).LiveContentId);
        Assert.Equal(1, RevisionRule.Merge(row, Changes.Stored(6, 1), _ => false).LiveContentId);
    }

    [Fact]
    public void Merge_EqualRevision_RetractedStoredRejectedReceived()
    {
        ImageVersion[] order = [Changes.Received(1), Changes.Rejected(1, "empty"), Changes.Stored(1, 1), Changes.Retracted(1)];
        foreach (var (low, high) in order.SelectMany((low, i) => order[(i + 1)..].Select(high => (low, high))))
        {
            Assert.Equal(high.State, Fold(low, high)!.Current.State);
            Assert.Equal(high.State, Fold(high, low)!.Current.State);
        }
    }

    [Fact]
    public void Merge_ReceivedOfHigherRevision_LeavesTheLiveImageAlive() =>
        Assert.Equal(1, Fold(Changes.Stored(1, 1), Changes.Received(2))!.LiveContentId);

    [Fact]
    public void Merge_UndecodedContentOverADecodedOne_WaitsAndIsReplacedByANewerOne()
    {
        var live = Fold(Changes.Stored(1, 1));
        var waiting = RevisionRule.Merge(live, Changes.Stored(2, 2), id => id != 1);
        Assert.Equal((1, 2), (waiting.LiveContentId, waiting.Waiting!.ContentId));
        Assert.Equal(2, RevisionRule.Merge(live, Changes.Stored(2, 2), _ => true).LiveContentId);
        Assert.Equal(3, RevisionRule.Merge(waiting, Changes.Stored(3, 3), id => id != 1).Waiting!.ContentId);
        Assert.Null(RevisionRule.Merge(waiting, Changes.Stored(3, 1), id => id != 1).Waiting);
        Assert.Equal(ImageState.Retracted, RevisionRule.Merge(waiting, Changes.Retracted(2), id => id != 1).Current.State);
        Assert.Equal(waiting, RevisionRule.Merge(waiting, Changes.Retracted(1), id => id != 1));
    }

    [Fact]
    public void Compare_ThreeVersions_IsATotalOrder() =>
        Gen.Select(Changes.Any, Changes.Any, Changes.Any).Sample((a, b, c) =>
            Math.Sign(RevisionRule.Compare(a, b)) == -Math.Sign(RevisionRule.Compare(b, a))
            && (RevisionRule.Compare(a, b) < 0 || RevisionRule.Compare(b, c) < 0 || RevisionRule.Compare(a, c) >= 0));

    [Fact]
    public void Compare_TwoStoredAtEqualRevision_LargerContentIdWins() =>
        Assert.True(RevisionRule.Compare(Changes.Stored(1, 1), Changes.Stored(1, 2)) < 0);

    // UTF-16 code units order these two the other way round than their UTF-8 bytes, and than PostgreSQL.
    [Fact]
    public void Compare_KeysBeyondTheBasicPlane_ByUtf8Bytes() =>
        Assert.True(RevisionRule.Compare(
            Changes.Stored(1, 1) with { ProductKey = "\U0001F600" }, Changes.Stored(1, 1) with { ProductKey = "\uFF5E" }) > 0);

    private static ImageRow? Fold(params ImageVersion[] versions) =>
        versions.Aggregate(default(ImageRow), (row, version) => RevisionRule.Merge(row, version, _ => false));

    // Of a retracted or rejected image only the verdict counts; what else its row remembers is history.
    private static string Text(ImageRow? row) => row is null ? "none" : row.Current.State switch
    {
        ImageState.Retracted => $"retracted {row.Current.Revision}",
        ImageState.Rejected => $"rejected {row.Current.Revision} {row.Current.Reason} {row.AppliedRevision}",
        _ => $"{row}",
    };
}
