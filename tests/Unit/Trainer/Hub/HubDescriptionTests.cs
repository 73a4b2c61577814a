using CpfPipeline.Trainer.Hub;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Hub;

public sealed class HubDescriptionTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private static readonly HubName Name = new("shop", "net", "main");

    [Fact]
    public void Read_NamesThatAreNoPathsWithin_AreLeftOut()
    {
        string[] told =
        [
            "model.onnx", "onnx/model.onnx_data", "../model.onnx", "/etc/model.onnx", "onnx/../../model.onnx", "onnx\\..\\model.onnx",
            "onnx//model.onnx", ".", "", "a\u0000b", "model.onnx.check", "model.onnx.incomplete",
        ];

        Assert.Equal(["model.onnx", "onnx/model.onnx_data"], HubDescription.Read(Name, Description(Commit, told)).Files);
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("main")]
    [InlineData("0123456789ABCDEF0123456789abcdef01234567")]
    public void Read_NoCommit_IsRefused(string sha) =>
        Assert.Contains("names no commit", Assert.Throws<IOException>(() => HubDescription.Read(Name, Description(sha, []))).Message);

    [Fact]
    public void Read_AnotherCommitThanAskedFor_IsRefused()
    {
        var asked = Name with { Revision = Commit[..^1] + "0" };
        Assert.Throws<IOException>(() => HubDescription.Read(asked, Description(Commit, [])));
        Assert.Equal(Commit, HubDescription.Read(Name with { Revision = Commit }, Description(Commit, [])).Commit);
    }

    [Theory]
    [InlineData("""{"cardData": {"license": "mit"}, "tags": ["license:other"]}""", "mit")]
    [InlineData("""{"tags": ["vision", 3, "license:apache-2.0"]}""", "apache-2.0")]
    [InlineData("""{"cardData": null}""", null)]
    public void Read_Licence_IsTheCardsOrATag(string json, string? expected)
    {
        var text = $$"""{"sha": "{{Commit}}", "siblings": [], {{json[1..]}}""";
        Assert.Equal(expected, HubDescription.Read(Name, text).Licence);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("""{"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": 3}""")]
    [InlineData("""{"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{"rfilename": null}]}""")]
    public void Read_AnotherForm_SaysSo(string json) => Assert.Contains(
        "in a form that this command does not know", Assert.Throws<IOException>(() => HubDescription.Read(Name, json)).Message);

    private static string Description(string sha, string[] files) => System.Text.Json.JsonSerializer.Serialize(
        new { sha, siblings = files.Select(f => new { rfilename = f }) });
}
