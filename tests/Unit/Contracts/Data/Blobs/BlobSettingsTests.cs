using CpfPipeline.Data.Blobs;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Data.Blobs;

public sealed class BlobSettingsTests
{
    [Fact]
    public void Bucket_FolderAlone_IsNone() => Assert.Null(BlobSettings.Bucket(Of("Blobs:Folder", "/blobs")));

    [Fact]
    public void Bucket_AllSettings_AreRead()
    {
        var bucket = BlobSettings.Bucket(Of(
            "Blobs:S3:Bucket", "pictures", "Blobs:S3:Prefix", "shop/", "Blobs:S3:Endpoint", "https://objects.example",
            "Blobs:S3:Region", "x-1", "Blobs:S3:PathStyle", "false", "Blobs:S3:Encryption", "AES256",
            "Blobs:S3:Timeout", "00:00:05", "Blobs:S3:Attempts", "2"))!;

        Assert.Equal(
            ("pictures", "shop/", "https://objects.example", "x-1"), (bucket.Bucket, bucket.Prefix, bucket.Endpoint, bucket.Region));
        Assert.Equal(
            (false, "AES256", TimeSpan.FromSeconds(5), 2), (bucket.PathStyle, bucket.Encryption, bucket.Timeout, bucket.Attempts));
    }

    [Theory]
    [InlineData("Blobs:S3:Bucket is \"Pictures\"", "Blobs:S3:Bucket", "Pictures", "Blobs:S3:Region", "x-1")]
    [InlineData("Blobs:S3:Bucket is missing", "Blobs:S3:Region", "x-1")]
    [InlineData("Blobs:S3:Timeout", "Blobs:S3:Bucket", "pictures", "Blobs:S3:Timeout", "soon")]
    public void Bucket_SettingThatCannotBeUsed_IsNamed(string said, params string[] settings) => Assert.Contains(
        said, Assert.Throws<FormatException>(() => BlobSettings.Bucket(Of(settings))).Message, StringComparison.Ordinal);

    private static IConfiguration Of(params string[] settings) => new ConfigurationBuilder().AddInMemoryCollection(
        settings.Chunk(2).Select(s => KeyValuePair.Create(s[0], (string?)s[1]))).Build();
}
