using CpfPipeline.CommandLine;
using CpfPipeline.Trainer.Hub;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Hub;

public sealed class HubNameTests
{
    [Theory]
    [InlineData("hf:shop/net", "shop/net@main")]
    [InlineData("hf:shop/net.v2_b-16@refs/pr/3", "shop/net.v2_b-16@refs/pr/3")]
    [InlineData("hf:net", null)]
    [InlineData("shop/net", null)]
    [InlineData("hf:shop/net/other", null)]
    [InlineData("hf:../net", null)]
    [InlineData("hf:shop/net@", null)]
    [InlineData("hf:shop/net@a/../b", null)]
    public void Parse_Text_IsARepositoryOrNothing(string text, string? expected) =>
        Assert.Equal(expected, HubName.Parse(text) is { } name ? $"{name.Owner}/{name.Name}@{name.Revision}" : null);

    [Fact]
    public void Of_Environment_IsReadAsTheHubsOwnToolsDo()
    {
        var given = new Dictionary<string, string> { ["HF_ENDPOINT"] = "http://127.0.0.1:8", ["HF_TOKEN"] = " t ",
            ["HF_HUB_OFFLINE"] = "True" };
        var settings = HubSettings.Of(given.GetValueOrDefault, "/state");
        Assert.Equal(
            ("http://127.0.0.1:8/", "t", true, "/state/hub"),
            (settings.Endpoint.ToString(), settings.Token, settings.IsOffline, settings.Folder));

        given = new() { ["HF_TOKEN"] = "", ["HF_HUB_OFFLINE"] = "0" };
        settings = HubSettings.Of(given.GetValueOrDefault, null);
        Assert.Equal(("https", null, false), (settings.Endpoint.Scheme, settings.Token, settings.IsOffline));
        Assert.Throws<UsageException>(() =>
            HubSettings.Of(new Dictionary<string, string> { ["HF_ENDPOINT"] = "here" }.GetValueOrDefault, null));
    }

    [Fact]
    public void Of_TokenThatCannotBeOne_IsRefusedWithoutShowingIt()
    {
        var e = Assert.Throws<UsageException>(() =>
            HubSettings.Of(new Dictionary<string, string> { ["HF_TOKEN"] = "hf_se\ncret" }.GetValueOrDefault, null));
        Assert.DoesNotContain("cret", e.Message, StringComparison.Ordinal);
    }
}
