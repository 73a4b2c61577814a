using CpfPipeline.Data.Erasures;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Data.Erasures;

public sealed class TombstoneKeyTests
{
    private static readonly TombstoneKey Key = new(new byte[32]);

    [Fact]
    public void Hashes_OfDifferentThings_Differ()
    {
        byte[][] hashes =
        [
            Key.Check, Key.OfContent(new byte[32]), Key.OfImage("a", "bc"), Key.OfImage("ab", "c"), Key.OfImage("", ""),
            new TombstoneKey([.. Enumerable.Repeat((byte)1, 32)]).OfContent(new byte[32]),
        ];

        Assert.Equal(hashes.Length, hashes.Select(Convert.ToHexString).Distinct().Count());
        Assert.All(hashes, hash => Assert.Equal(32, hash.Length));
    }

    [Fact]
    public void Constructor_WrongLength_IsRefused() => Assert.Throws<ArgumentException>(() => new TombstoneKey(new byte[16]));
}
