using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Guard;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Guard;

public sealed class HostRuleTests
{
    [Theory]
    [InlineData("http://img.shop.example/", null)]
    [InlineData("http://other.example/", null)]
    [InlineData("http://evil.img.shop.example/", RejectReasons.HostNotAllowed)]
    [InlineData("http://shop.example/", RejectReasons.HostNotAllowed)]
    [InlineData("http://8.8.8.8/", RejectReasons.HostNotAllowed)]
    [InlineData("http://256.0.0.1/", RejectReasons.InvalidUri)]
    public void Check_BothLists_DeniedOutranksAllowed(string uri, string? reason) =>
        Assert.Equal(reason, Rule(["*.shop.example", "other.example"], ["evil.img.shop.example"]).Check(new Uri(uri))?.Reason);

    [Fact]
    public void Check_NoLists_EveryHost() => Assert.Null(Rule([], []).Check(new Uri("http://8.8.8.8/")));

    [Fact]
    public void Check_HostWithoutAFormInAscii_SaysSo() => Assert.Equal(
        (RejectReasons.InvalidUri, "The URI's host is not a valid name."), Rule([], []).Check(new Uri("http://xn--\u00e9/x.jpg")));

    private static HostRule Rule(string[] allowed, string[] denied) =>
        new(Options.Create(new IngestOptions { AllowedHosts = allowed, DeniedHosts = denied }));
}
