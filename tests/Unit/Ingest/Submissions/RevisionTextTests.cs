using System.Text.Json;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Submissions;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Submissions;

public sealed class RevisionTextTests
{
    [Theory]
    [InlineData("6", 6)]
    [InlineData(" 6 ", 6)]
    [InlineData("6.0", 6)]
    [InlineData("6.000", 6)]
    [InlineData("6e3", 6000)]
    [InlineData("1.7E+12", 1_700_000_000_000)]
    [InlineData("-3.0", -3)]
    [InlineData("9223372036854775807.0", long.MaxValue)]
    public void Parse_IntegerHoweverWritten_IsRead(string text, long revision) => Assert.Equal(revision, RevisionText.Parse(text));

    [Theory]
    [InlineData("2.5")]
    [InlineData("soon")]
    [InlineData("6,0")]
    [InlineData("0x6")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775808")]
    [InlineData("1e400")]
    [InlineData("99999999999999999999")]
    public void Parse_NoInteger_IsNoRevision(string text) => Assert.Null(RevisionText.Parse(text));

    [Fact]
    public void Parse_EveryInteger_SurvivesAsFloatText() =>
        Gen.Long[long.MinValue + 1, long.MaxValue].Sample(revision => RevisionText.Parse($"{revision}.0") == revision);

    [Theory]
    [InlineData("2.5")]
    [InlineData("\"soon\"")]
    [InlineData("1e30")]
    [InlineData("true")]
    [InlineData("[]")]
    public void ReadJson_MalformedRevision_OutranksNothing(string revision)
    {
        var json = $$"""{"source":"s","external_id":"x","uri":"http://h/x","revision":{{revision}}}""";
        var entry = SubmissionRule.ToEntry(
            SubmissionJson.Read(JsonSerializer.Deserialize<JsonElement>(json)) with { SentAtMilliseconds = 5 });
        Assert.Equal((ImageChange.NoRevision, "invalid_submission"), (entry.Revision, entry.Reason));
    }

    [Theory]
    [InlineData("6.0", 6L)]
    [InlineData("\"6.0\"", 6L)]
    [InlineData("\"\"", null)]
    [InlineData("null", null)]
    public void ReadJson_IntegralFloatOrNone_IsRead(string revision, long? expected)
    {
        var read = SubmissionJson.Read(JsonSerializer.Deserialize<JsonElement>($$"""{"revision":{{revision}}}"""));
        Assert.Equal((expected, false), (read.Revision, read.HasMalformedRevision));
    }
}
