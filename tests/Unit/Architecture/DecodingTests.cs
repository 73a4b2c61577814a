using System.Text.RegularExpressions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Architecture;

/// <summary>No service decodes a picture within its own process, and none calls the library that does.</summary>
public sealed partial class DecodingTests
{
    private static readonly string[] Programs = ["Ingest", "Embedder", "Matcher", "Trainer", "infra"];

    [Fact]
    public void Programs_OfThisRepository_DecodeInProcessesOfTheirOwnOnly() => Assert.DoesNotContain(
        Programs.SelectMany(folder => Checkout.Files(folder, "*.cs")), f => Decoder().IsMatch(File.ReadAllText(Checkout.At(f))));

    [Theory]
    [InlineData("var decoder = new ImageDecoder(limits, time);", true)]
    [InlineData("private readonly ImageDecoder _decoder = new(limits, time);", true)]
    [InlineData("using NetVips;", true)]
    [InlineData("IPictureDecoder decoder, DecoderPool pool", false)]
    public void Decoder_InALine_IsFound(string line, bool expected) => Assert.Equal(expected, Decoder().IsMatch(line));

    // The library's version, which the Trainer asks for, is no picture.
    [GeneratedRegex(@"\bImageDecoder\b|using NetVips;|\bNetVips\.Image\.")]
    private static partial Regex Decoder();
}
