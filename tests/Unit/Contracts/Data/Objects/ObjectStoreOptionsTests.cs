using CpfPipeline.Data.Objects;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Data.Objects;

public sealed class ObjectStoreOptionsTests
{
    public static TheoryData<Action<ObjectStoreOptions>, string> Wrong() => new()
    {
        { o => o.Bucket = "Pictures", "Bucket is \"Pictures\"" },
        { o => o.Bucket = "a.", "Bucket is \"a.\"" },
        { o => o.Bucket = "pictures\n", "Bucket is" },
        { o => o.Prefix = "a", "Prefix is \"a\"" },
        { o => o.Prefix = "/a/", "Prefix is \"/a/\"" },
        { o => o.Prefix = "../", "Prefix is \"../\"" },
        { o => o.Prefix = new string('a', 512) + "/", "Prefix is" },
        { o => o.Endpoint = "objects.example:9000", "Endpoint is no http(s) address" },
        { o => o.Endpoint = "ftp://objects.example", "Endpoint is no http(s) address" },
        { o => o.Endpoint = "https://key:topsecret@objects.example", "Endpoint may hold no user" },
        { o => o.Endpoint = "https://objects.example/pictures", "Endpoint may hold no path" },
        { o => (o.Endpoint, o.Region) = ("", ""), "Region must be given" },
        { o => o.Region = "eu central", "Region is \"eu central\"" },
        { o => o.Encryption = "yes", "Encryption is \"yes\"" },
        { o => o.KmsKey = "alias/x", "KmsKey is given" },
        { o => o.Timeout = TimeSpan.Zero, "Timeout is 00:00:00" },
        { o => o.Attempts = 0, "Attempts is 0" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Problems_WrongSetting_IsOneSentenceThatNamesItWithoutSecrets(Action<ObjectStoreOptions> change, string said)
    {
        var options = Valid();
        change(options);

        var problem = Assert.Single(options.Problems());

        Assert.StartsWith(said, problem, StringComparison.Ordinal);
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://objects.example:9000", "")]
    [InlineData("http://127.0.0.1:9000/", "")]
    [InlineData("", "eu-central-1")]
    public void Problems_Valid_AreNone(string endpoint, string region)
    {
        var options = Valid();
        (options.Endpoint, options.Region, options.Prefix, options.Encryption, options.KmsKey) =
            (endpoint, region, "shop/pictures/", "aws:kms", "alias/x");

        Assert.Empty(options.Problems());
    }

    [Fact]
    public void Problems_NoBucket_AreNone() => Assert.Empty(new ObjectStoreOptions().Problems());

    private static ObjectStoreOptions Valid() => new() { Bucket = "pictures", Region = "eu-central-1" };
}
