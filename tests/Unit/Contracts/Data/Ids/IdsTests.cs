using System.Security.Cryptography;
using CpfPipeline.Data.Ids;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Data.Ids;

public sealed class IdsTests
{
    [Fact]
    public void FromSha256_KnownHash_IsItsFirst63Bits()
    {
        // SHA-256 of the empty string starts e3b0c44298fc1c14.
        Assert.Equal(unchecked((long)(0xe3b0c44298fc1c14UL >> 1)), ContentId.FromSha256(SHA256.HashData([])));
    }

    [Fact]
    public void FromSha256_AnyHash_IsNotNegative() =>
        Gen.Byte.Array[32].Sample(hash => ContentId.FromSha256(hash) >= 0);

    [Fact]
    public void FromSha256_WrongLength_Throws() => Assert.Throws<ArgumentException>(() => ContentId.FromSha256(new byte[20]));

    [Fact]
    public void From_KnownName_IsTheUuidV5OfIt()
    {
        var id = ImageId.From("shop", "a/b.jpg");
        Assert.Equal('5', id.ToString()[14]);
        Assert.Equal(Guid.Parse("54cde0ee-1a6d-5ae3-864b-21af31168e59"), id);
    }

    [Fact]
    public void From_SourceAndIdSplitElsewhere_Differs() => Assert.NotEqual(ImageId.From("ab", "c"), ImageId.From("a", "bc"));
}
