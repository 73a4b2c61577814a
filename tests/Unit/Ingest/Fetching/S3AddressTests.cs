using CpfPipeline.Ingest.Fetching;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Fetching;

public sealed class S3AddressTests
{
    [Theory]
    [InlineData("s3://photos/a.jpg", "photos", "a.jpg")]
    [InlineData("S3://photos/a b/c%20d?e#f", "photos", "a b/c%20d?e#f")]
    [InlineData("s3://my.photos-1/..a/b..", "my.photos-1", "..a/b..")]
    public void TryParse_Object_TakesTheKeyAsItIs(string uri, string bucket, string key) =>
        Assert.Equal(new S3Address(bucket, key), S3Address.TryParse(uri));

    [Fact]
    public void TryParse_KeyOfTooManyBytes_IsNull()
    {
        Assert.NotNull(S3Address.TryParse("s3://photos/" + new string('\u00e9', 512)));
        Assert.Null(S3Address.TryParse("s3://photos/" + new string('\u00e9', 513)));
    }

    [Theory]
    [InlineData("photos", true)]
    [InlineData("*", true)]
    [InlineData("photos/2026/", true)]
    [InlineData("photos/2026/a.jpg", true)]
    [InlineData("photos/2027/", false)]
    [InlineData("photo", false)]
    [InlineData("photos2", false)]
    public void IsBelow_Setting_OnlyWhatItNames(string allowed, bool expected) =>
        Assert.Equal(expected, S3Address.TryParse("s3://photos/2026/a.jpg")!.IsBelow([allowed]));
}
