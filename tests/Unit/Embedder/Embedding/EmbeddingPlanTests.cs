using CpfPipeline.Data.Models;
using CpfPipeline.Embedder.Embedding;
using Xunit;

namespace CpfPipeline.Tests.Unit.Embedder.Embedding;

public sealed class EmbeddingPlanTests
{
    private static readonly ServingModel Active = Model(modelId: 1, headId: 10, backboneId: 100, "active");
    private static readonly ServingModel NewHead = Model(modelId: 2, headId: 20, backboneId: 100, "shadow");
    private static readonly ServingModel NewBackbone = Model(modelId: 3, headId: 30, backboneId: 300, "shadow");

    [Fact]
    public void For_NewContent_IsDecodedOnceForEveryBackbone()
    {
        var plan = EmbeddingPlan.For([Content(1)], [Active, NewHead, NewBackbone]);

        Assert.Equal([1], Ids(plan.ToDecode[100]));
        Assert.Equal([1], Ids(plan.ToDecode[300]));
        Assert.All(plan.ToEmbed.Values, contents => Assert.Equal([1], Ids(contents)));
        Assert.All(plan.Embedded.Values, Assert.Empty);
    }

    [Fact]
    public void For_StoredFeatureAndNewHead_NeedsTheHeadOnly()
    {
        var plan = EmbeddingPlan.For([Content(1, backbones: [100], heads: [10])], [Active, NewHead]);

        Assert.Empty(plan.ToDecode[100]);
        Assert.Empty(plan.ToEmbed[10]);
        Assert.Equal([1], Ids(plan.ToEmbed[20]));
        Assert.Equal([1L], plan.Embedded[10]);
        Assert.Empty(plan.Embedded[20]);
    }

    [Fact]
    public void For_UndecodableAndErased_AreNeverEmbedded()
    {
        var plan = EmbeddingPlan.For([Content(1, state: "undecodable"), Content(2, state: "erased"), Content(3)], [Active]);

        Assert.Equal([3], Ids(plan.ToDecode[100]));
        Assert.Equal([3], Ids(plan.ToEmbed[10]));
        Assert.Equal([1], Ids(plan.Undecodable));
    }

    [Fact]
    public void For_TwoModelsOnOneHead_CountsTheHeadOnce()
    {
        var plan = EmbeddingPlan.For([Content(1)], [Active, Active with { ModelId = 9, State = "shadow", Threshold = 0.5 }]);

        Assert.Equal([10L], plan.ToEmbed.Keys);
    }

    private static ServingModel Model(long modelId, long headId, long backboneId, string state) =>
        new(modelId, headId, backboneId, 0.9, state, 4, 2, new byte[32], new byte[32]);

    private static ContentWork Content(long id, string state = "stored", long[]? backbones = null, long[]? heads = null) =>
        new(id, new byte[32], state, null, null, backbones ?? [], heads ?? []);

    private static IEnumerable<long> Ids(IEnumerable<ContentWork> contents) => contents.Select(c => c.ContentId);
}
