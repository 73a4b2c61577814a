using CpfPipeline.Data.Blobs;
using CpfPipeline.Vocabulary;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Data.Blobs;

public sealed class BlobNameTests
{
    [Fact]
    public void TryParse_NameOfABlobOrRendition_GivesItBack() =>
        Gen.Select(Gen.Byte.Array[32], Gen.Int[0, Rendition.All.Count]).Sample((sha256, n) =>
        {
            var rendition = n == 0 ? null : Rendition.All[n - 1];
            Assert.True(BlobName.TryParse(BlobName.Of(sha256, rendition), out var parsed, out var suffix));
            Assert.Equal((Convert.ToHexString(sha256), rendition), (Convert.ToHexString(parsed), BlobName.RenditionOf(suffix)));
        });

    [Theory]
    [InlineData("")]
    [InlineData("tombstone.key")]
    [InlineData("ab/notes.txt")]
    [InlineData("aa/aa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("aa/ab/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("aa/aa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")]
    [InlineData("AA/AA/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void TryParse_AnotherName_IsNone(string name) => Assert.False(BlobName.TryParse(name, out _, out _));

    [Theory]
    [InlineData(".webp")]
    [InlineData(".0.tmp")]
    [InlineData(".999.webp")]
    [InlineData(".320.webp.0.tmp")]
    [InlineData("")]
    public void RenditionOf_AnotherSuffix_IsNone(string suffix) => Assert.Null(BlobName.RenditionOf(suffix));
}
