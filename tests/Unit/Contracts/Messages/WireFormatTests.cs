using System.Text.Json;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Outbox;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Messages;

/// <summary>Golden JSON: the wire format is frozen; messages evolve by optional properties only.</summary>
public sealed class WireFormatTests
{
    public static TheoryData<string, string> Golden() => new()
    {
        {
            Write(new SubmitImage { Source = "s", ExternalId = "a/b.jpg", Uri = "u",
                ProductKey = "gtin:04006381333931", KeyScope = "global", Revision = 7 }),
            """{"source":"s","externalId":"a/b.jpg","uri":"u","productKey":"gtin:04006381333931","keyScope":"global","revision":7}"""
        },
        {
            Write(new SubmitImage { Source = "s", ExternalId = "e", Uri = "u" }),
            """{"source":"s","externalId":"e","uri":"u"}"""
        },
        { Write(new RetractImage { Source = "s", ExternalId = "e", Revision = 9 }), """{"source":"s","externalId":"e","revision":9}""" },
        { Write(new ContentStored { ContentId = long.MaxValue }), """{"contentId":"9223372036854775807"}""" },
        { Write(new ContentReleased { ContentIds = [1, 2] }), """{"contentIds":["1","2"]}""" },
        {
            Write(new ImageRejected { ImageId = Guid.Empty, Source = "s", ExternalId = "e", Revision = 1, Reason = "r",
                Detail = "d" }),
            """{"imageId":"00000000-0000-0000-0000-000000000000","source":"s","externalId":"e","revision":1,"reason":"r","detail":"d"}"""
        },
        { Write(new ContentsEmbedded { HeadId = 3, ContentIds = [1] }), """{"headId":"3","contentIds":["1"]}""" },
        { Write(new JoinTile { JoinId = long.MaxValue, Tile = 7 }), """{"joinId":"9223372036854775807","tile":7}""" },
        { Write(new EmbedContents { ContentIds = [1] }), """{"contentIds":["1"]}""" },
        {
            Write(new CheckProbe { ProbeId = new Guid("00000000-0000-0000-0000-000000000001"), Uri = "http://h/p.png" }),
            """{"probeId":"00000000-0000-0000-0000-000000000001","uri":"http://h/p.png"}"""
        },
        {
            Write(new EmbedProbe { ProbeId = new Guid("00000000-0000-0000-0000-000000000001") }),
            """{"probeId":"00000000-0000-0000-0000-000000000001"}"""
        },
        { Write(new MakeRenditions { ContentIds = [1], Rendition = "320" }), """{"contentIds":["1"],"rendition":"320"}""" },
        {
            Write(new GiveVerdict { SourceA = "s", ExternalIdA = "e", SourceB = "t", ExternalIdB = "f", Verdict = "same", Who = "w",
                Note = "n" }),
            """{"sourceA":"s","externalIdA":"e","sourceB":"t","externalIdB":"f","verdict":"same","who":"w","note":"n"}"""
        },
        {
            Write(new VerdictGiven { ContentA = 1, ContentB = 2, Verdict = "withdrawn" }),
            """{"contentA":"1","contentB":"2","verdict":"withdrawn"}"""
        },
        {
            Write(new VerdictRefused { SourceA = "s", ExternalIdA = "e", SourceB = "t", ExternalIdB = "f", Verdict = "same", Reason = "r",
                Detail = "d" }),
            """{"sourceA":"s","externalIdA":"e","sourceB":"t","externalIdB":"f","verdict":"same","reason":"r","detail":"d"}"""
        },
        {
            Write(new PlaceholderChanged { ContentId = 1, IsPlaceholder = true, ProductKeys = 20 }),
            """{"contentId":"1","isPlaceholder":true,"productKeys":20}"""
        },
        { Write(new ModelActivated { ModelId = 2, HeadId = 3 }), """{"modelId":"2","headId":"3"}""" },
        {
            Write(new MatchGroupsChanged { ModelId = 2, FirstSeq = 5, LastSeq = 6, GroupIds = [1] }),
            """{"modelId":"2","firstSeq":5,"lastSeq":6,"groupIds":["1"]}"""
        },
        {
            Write(new TrainModel { IdempotencyKey = "k", Kind = "threshold", TargetPrecision = 0.99 }),
            """{"idempotencyKey":"k","kind":"threshold","targetPrecision":0.99}"""
        },
        {
            Write(new TrainModel { IdempotencyKey = "k", Kind = "activation", ModelId = long.MaxValue }),
            """{"idempotencyKey":"k","kind":"activation","modelId":"9223372036854775807"}"""
        },
        {
            Write(new TrainModel { IdempotencyKey = "k", NotAfter = DateTimeOffset.UnixEpoch }),
            """{"idempotencyKey":"k","notAfter":"1970-01-01T00:00:00+00:00"}"""
        },
        {
            Write(new TrainingFinished { RunId = Guid.Empty, IdempotencyKey = "k", Kind = "k", State = "s", ModelId = 2,
                Message = "m" }),
            """{"runId":"00000000-0000-0000-0000-000000000000","idempotencyKey":"k","kind":"k","state":"s","modelId":"2","message":"m"}"""
        },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Serialize_EveryMessage_IsTheFrozenJson(string actual, string expected) => Assert.Equal(expected, actual);

    [Fact]
    public void Namespace_EveryMessage_IsTheFrozenWireName() =>
        Assert.All(
            Messages(),
            type =>
            {
                Assert.Equal("CpfPipeline.Contracts", type.Namespace);
                Assert.True(type.IsSealed, $"{type.Name} must be sealed");
            });

    [Fact]
    public void Golden_EveryMessage_IsCovered() => Assert.Equal(Messages().Count(), Golden().Count - 3); // Written twice or more.

    // The static classes beside them hold words, not messages.
    private static IEnumerable<Type> Messages() => typeof(SubmitImage).Assembly.GetExportedTypes().Where(type => !type.IsAbstract);

    private static string Write<T>(T message) => JsonSerializer.Serialize(message, OutboxStore.Json);
}
