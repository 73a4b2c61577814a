using CpfPipeline.Data;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest;

public sealed class RevisionRuleTests
{
    [Fact]
    public void Fold_AnyOrderAndDuplication_SameWinner() =>
        Gen.Select(Changes.Any.Array[1, 8], Gen.Int[0, int.MaxValue]).Sample((changes, seed) =>
        {
            var shuffled = changes.Concat(changes).ToArray();
            new Random(seed).Shuffle(shuffled);
            return RevisionRule.Compare(RevisionRule.Fold(changes), RevisionRule.Fold(shuffled)) == 0;
        });

    [Fact]
    public void Compare_ThreeChanges_IsATotalOrder() =>
        Gen.Select(Changes.Any, Changes.Any, Changes.Any).Sample((a, b, c) =>
            Math.Sign(RevisionRule.Compare(a, b)) == -Math.Sign(RevisionRule.Compare(b, a))
            && (RevisionRule.Compare(a, b) < 0 || RevisionRule.Compare(b, c) < 0 || RevisionRule.Compare(a, c) >= 0));

    [Fact]
    public void Compare_HigherRevision_Wins() =>
        Assert.True(RevisionRule.Compare(Changes.Rejected(2, "empty"), Changes.Stored(1, 1)) > 0);

    [Fact]
    public void Compare_EqualRevision_RetractedStoredRejectedReceived()
    {
        ImageChange[] order = [Changes.Received(1), Changes.Rejected(1, "empty"), Changes.Stored(1, 1), Changes.Retracted(1)];
        for (var i = 1; i < order.Length; i++)
        {
            Assert.True(RevisionRule.Compare(order[i], order[i - 1]) > 0, $"{order[i].State} must win over {order[i - 1].State}");
        }
    }

    [Fact]
    public void Compare_ReceivedOfHigherRevision_LeavesTheLiveImageAlive() =>
        Assert.True(RevisionRule.Compare(Changes.Received(2), Changes.Stored(1, 1)) < 0);

    [Fact]
    public void Compare_TwoStoredAtEqualRevision_LargerContentIdWins()
    {
        var (a, b) = (Changes.Stored(1, 1), Changes.Stored(1, 2));
        Assert.Equal(Math.Sign(a.Content!.ContentId.CompareTo(b.Content!.ContentId)), Math.Sign(RevisionRule.Compare(a, b)));
    }

    // UTF-16 code units order these two the other way round than their UTF-8 bytes, and than PostgreSQL.
    [Fact]
    public void Compare_KeysBeyondTheBasicPlane_ByUtf8Bytes() =>
        Assert.True(RevisionRule.Compare(Changes.Stored(1, 1) with { ProductKey = "\U0001F600" },
            Changes.Stored(1, 1) with { ProductKey = "\uFF5E" }) > 0);
}
