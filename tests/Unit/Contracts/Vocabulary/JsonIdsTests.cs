using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Vocabulary;
using MassTransit.Serialization;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vocabulary;

public sealed class JsonIdsTests
{
    private const long Large = 9_007_199_254_740_993; // The first integer that a double cannot hold.

    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(JsonIds.WriteAsText),
    };

    [Fact]
    public void WriteAsText_MembersNamedAsIds_AreStringsAndOthersNumbers() => Assert.Equal(
        """
        {"group_id":"9007199254740993","parent_id":null,"content_ids":["1","2"],"bid":3,"revision":4}
        """.Trim(),
        JsonSerializer.Serialize(new { GroupId = Large, ParentId = (long?)null, ContentIds = new long[] { 1, 2 },
            Bid = 3L, Revision = 4L }, Snake));

    [Fact]
    public void WriteAsText_IdsInAnEnumerable_AreStrings() => Assert.Equal(
        """[{"model_id":"1"}]""", JsonSerializer.Serialize<object>(new long[] { 1 }.Select(id => new { ModelId = id }), Snake));

    /// <summary>The strings of this build, and the numbers of the one before: of the outbox, and of the bus.</summary>
    [Theory]
    [InlineData("""{"modelId":"2","firstSeq":5,"lastSeq":6,"groupIds":["9007199254740993"]}""")]
    [InlineData("""{"modelId":2,"firstSeq":5,"lastSeq":6,"groupIds":[9007199254740993]}""")]
    public void Deserialize_StringsOrNumbers_AreTheSameIds(string json)
    {
        foreach (var options in new[] { OutboxStore.Json, SystemTextJsonMessageSerializer.Options })
        {
            var message = JsonSerializer.Deserialize<MatchGroupsChanged>(json, options)!;

            Assert.Equal((2, 5), (message.ModelId, message.FirstSeq));
            Assert.Equal([Large], message.GroupIds);
        }
    }

    [Fact]
    public void Serialize_OnTheBus_WritesStrings() => Assert.Contains(
        "\"contentId\":\"9007199254740993\"",
        JsonSerializer.Serialize(new ContentStored { ContentId = Large }, SystemTextJsonMessageSerializer.Options)
            .Replace(" ", "", StringComparison.Ordinal),
        StringComparison.Ordinal);
}
