using CpfPipeline.Contracts;
using CpfPipeline.Data.Ids;
using CpfPipeline.Embedder.Embedding;
using Xunit;

namespace CpfPipeline.Tests.Unit.Embedder.Embedding;

public sealed class EmbeddingMessagesTests
{
    [Fact]
    public void ForEmbedded_ManyContents_ComeInMessagesOfAThousandAHead()
    {
        var byHead = new Dictionary<long, IReadOnlyList<long>> { [2] = [.. Enumerable.Range(0, 1001).Select(i => (long)i)], [1] = [5, 3],
            [3] = [] };

        var messages = EmbeddingMessages.ForEmbedded(byHead, [], []).Cast<ContentsEmbedded>().ToList();

        Assert.Equal([(1, 2), (2, 1000), (2, 1)], messages.Select(m => (m.HeadId, m.ContentIds.Count)));
        Assert.Equal([3, 5], messages[0].ContentIds);
    }

    [Fact]
    public void ForEmbedded_FailedContents_GoOneByOne()
    {
        var messages = EmbeddingMessages.ForEmbedded(new Dictionary<long, IReadOnlyList<long>>(), [], [7, 8]).Cast<EmbedContents>();

        Assert.Equal([7L, 8L], messages.Select(m => Assert.Single(m.ContentIds)));
    }

    [Fact]
    public void ForRejected_ImagesOfOneContent_OneMessageEachAndTheContentReleasedOnce()
    {
        var messages = EmbeddingMessages.ForRejected([Image("a", 9), Image("b", 9), Image("c", 4)]);

        Assert.Equal(["a", "b", "c"], messages.OfType<ImageRejected>().Select(m => m.ExternalId));
        Assert.All(messages.OfType<ImageRejected>(), m => Assert.Equal(("truncated", "short", 3L), (m.Reason, m.Detail, m.Revision)));
        Assert.Equal([4L, 9L], Assert.Single(messages.OfType<ContentReleased>()).ContentIds);
    }

    private static RejectedImage Image(string externalId, long contentId) =>
        new(ImageId.From("shop", externalId), "shop", externalId, 3, contentId, "truncated", "short");
}
