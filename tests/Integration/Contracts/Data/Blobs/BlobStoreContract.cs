using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Blobs;

/// <summary>What every blob store does, wherever it keeps the bytes.</summary>
public abstract class BlobStoreContract
{
    private protected static readonly byte[] Bytes = "blob"u8.ToArray();
    private protected static readonly byte[] Sha256 = SHA256.HashData(Bytes);
    private protected static readonly string Name = Convert.ToHexStringLower(Sha256);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private protected abstract IBlobStore Store { get; }

    /// <summary>Names of all that is kept in the store, without folders, also of what nobody can read.</summary>
    private protected abstract IReadOnlyList<string> Kept { get; }

    /// <summary>Makes whatever is kept of a blob older.</summary>
    private protected abstract void Age(byte[] sha256, TimeSpan by);

    /// <summary>Leaves what a write leaves that was interrupted by a power cut.</summary>
    private protected abstract void LeaveUnfinished(byte[] sha256);

    /// <summary>Replaces the bytes of a blob.</summary>
    private protected abstract void Damage(byte[] sha256, byte[] bytes);

    [Fact]
    public async Task WriteAsync_SameBytesByMany_IsOneBlob()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Store.WriteAsync(Sha256, Bytes, default)));

        Assert.Equal([Name], (await ListAsync()).Where(b => b.IsBlob).Select(b => Convert.ToHexStringLower(b.Sha256)));
        Assert.Equal([Name], Kept.Distinct());
        Assert.Equal(Bytes, await Store.ReadAsync(Sha256, default));
    }

    [Fact]
    public async Task WriteAsync_OverAnOldBlob_LeavesOne()
    {
        await Store.WriteAsync(Sha256, Bytes, default);
        Age(Sha256, 2 * Day);

        await Store.WriteAsync(Sha256, Bytes, default);

        Assert.Equal([Name], Kept);
    }

    [Fact]
    public async Task WriteAsync_Cancelled_LeavesNothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.WriteAsync(Sha256, Bytes, cancelled.Token));

        Assert.Empty(Kept);
    }

    [Fact]
    public async Task ReadAsync_NotThere_SaysSoWithoutTheHash()
    {
        var missing = await Assert.ThrowsAsync<BlobMissingException>(() => Store.ReadAsync(Sha256, default));

        Assert.DoesNotContain(Name, missing.ToString(), StringComparison.Ordinal);
        Assert.False(await Store.ExistsAsync(Sha256, default));
    }

    [Fact]
    public async Task ReadAsync_BytesThatAreNotThoseOfTheHash_AreRefused()
    {
        await Store.WriteAsync(Sha256, Bytes, default);
        Damage(Sha256, "blub"u8.ToArray());

        var damaged = await Assert.ThrowsAsync<IOException>(() => Store.ReadAsync(Sha256, default));

        Assert.Contains("damaged", damaged.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Name, damaged.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("blo")]
    [InlineData("")]
    [InlineData("a longer blob")]
    public async Task WriteAsync_OverDamagedBytesOfAnotherLength_ReplacesThemAndSaysSo(string damaged)
    {
        Assert.False(await Store.WriteAsync(Sha256, Bytes, default));
        Damage(Sha256, System.Text.Encoding.UTF8.GetBytes(damaged));

        Assert.True(await Store.WriteAsync(Sha256, Bytes, default));

        Assert.Equal(Bytes, await Store.ReadAsync(Sha256, default));
        Assert.False(await Store.WriteAsync(Sha256, Bytes, default));
    }

    [Fact]
    public async Task OpenAsync_BlobAndRenditions_GivesTheirBytesOrNull()
    {
        Assert.Null(await Store.OpenAsync(Sha256, null, default));
        Assert.Null(await Store.OpenAsync(Sha256, Rendition.Small, default));
        await Store.WriteAsync(Sha256, Bytes, default);
        await Store.WriteRenditionAsync(Sha256, Rendition.Small, new byte[] { 3 }, default);

        Assert.Equal(Bytes, await ReadAsync(null));
        Assert.Equal([3], await ReadAsync(Rendition.Small));
        Assert.Null(await Store.OpenAsync(Sha256, Rendition.Large, default));
        Assert.Equal(Bytes, await Store.ReadAsync(Sha256, default));
        Assert.True(await Store.ExistsAsync(Sha256, default));
    }

    [Fact]
    public async Task OpenAsync_EmptyRendition_IsThere()
    {
        await Store.WriteRenditionAsync(Sha256, Rendition.Small, Array.Empty<byte>(), default);

        Assert.Empty(await ReadAsync(Rendition.Small));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("")]
    public async Task Rendition_UnknownName_IsNoPath(string rendition)
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.OpenAsync(Sha256, rendition, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.WriteRenditionAsync(Sha256, rendition, new byte[1], default));
    }

    [Fact]
    public async Task ListAsync_BlobsRenditionsAndUnfinished_GivesEachByItsFirstByte()
    {
        await Store.WriteAsync(Sha256, Bytes, default);
        await Store.WriteRenditionAsync(Sha256, Rendition.Small, new byte[2], default);
        var unfinished = SHA256.HashData("unfinished"u8);
        LeaveUnfinished(unfinished);

        var listed = await ListAsync();

        (string, bool, string?, long)[] expected =
        [
            (Name, true, null, Bytes.Length), (Name, false, Rendition.Small, 2), (Convert.ToHexStringLower(unfinished), false, null, 0),
        ];
        Assert.Equal(expected.Order(), listed.Select(b => (
            Convert.ToHexStringLower(b.Sha256), b.IsBlob, b.Rendition, b.IsBlob || b.Rendition is not null ? b.Bytes : 0)).Order());
        Assert.All(listed, b => Assert.InRange(b.WrittenAt, TimeProvider.System.GetUtcNow() - Day, TimeProvider.System.GetUtcNow() + Day));
    }

    [Fact]
    public async Task DeleteAsync_BlobWithRenditions_LeavesNothingOfIt()
    {
        var other = SHA256.HashData("another"u8);
        await Store.WriteRenditionAsync(other, Rendition.Small, new byte[1], default);
        await Store.WriteAsync(Sha256, Bytes, default);
        foreach (var rendition in Rendition.All)
        {
            await Store.WriteRenditionAsync(Sha256, rendition, new byte[1], default);
        }

        LeaveUnfinished(Sha256);
        Assert.Equal(5, (await ListAsync()).Count(b => Convert.ToHexStringLower(b.Sha256) == Name));

        await Store.DeleteAsync(Sha256, default);

        Assert.Equal([Convert.ToHexStringLower(other) + ".320.webp"], Kept);
    }

    [Fact]
    public async Task DeleteAsync_NotThere_DoesNothing()
    {
        await Store.DeleteAsync(Sha256, default);

        Assert.Empty(Kept);
    }

    [Fact]
    public async Task DeleteOlderAsync_WrittenAgain_StaysAlthoughItsBytesAreOld()
    {
        await Store.WriteAsync(Sha256, Bytes, default);
        Age(Sha256, 2 * Day);
        await Store.WriteAsync(Sha256, Bytes, default);
        var before = TimeProvider.System.GetUtcNow() - Day;

        await Store.DeleteOlderAsync(Sha256, before, default);
        Assert.True(await Store.ExistsAsync(Sha256, default));

        Age(Sha256, 2 * Day);
        await Store.DeleteOlderAsync(Sha256, before, default);
        Assert.Empty(Kept);
    }

    [Fact]
    public async Task DeleteOlderAsync_WhatIsLeftOfABlobThatIsGone_GoesWhenItIsOld()
    {
        await Store.WriteRenditionAsync(Sha256, Rendition.Small, new byte[1], default);
        LeaveUnfinished(Sha256);
        var now = TimeProvider.System.GetUtcNow();

        await Store.DeleteOlderAsync(Sha256, now - Day, default);
        Assert.Equal(2, Kept.Count);

        await Store.DeleteOlderAsync(Sha256, now + Day, default);
        Assert.Empty(Kept);
    }

    [Fact]
    public async Task DeleteAsync_Listed_GoesAloneUnlessItWasWrittenAgain()
    {
        await Store.WriteAsync(Sha256, Bytes, default);
        await Store.WriteRenditionAsync(Sha256, Rendition.Small, new byte[1], default);
        LeaveUnfinished(Sha256);
        Age(Sha256, 2 * Day);
        var listed = await ListAsync();
        await Store.WriteAsync(Sha256, Bytes, default);

        await Store.DeleteAsync(listed.Single(b => b.IsBlob), default);
        await Store.DeleteAsync(listed.Single(b => b.Rendition == Rendition.Small), default);
        await Store.DeleteAsync(listed.Single(b => !b.IsBlob && b.Rendition is null), default);

        Assert.Equal([Name], Kept);
    }

    [Fact]
    public async Task SetAsideAsync_DamagedBlob_MakesRoomForTheRightOne()
    {
        await Store.SetAsideAsync(Sha256, default); // Nothing is there.
        await Store.WriteAsync(Sha256, Bytes, default);
        Damage(Sha256, "blub"u8.ToArray());

        await Store.SetAsideAsync(Sha256, default);
        Assert.False(await Store.ExistsAsync(Sha256, default));
        Assert.Equal(
            [(Name, ".damaged", false)], (await ListAsync()).Select(b => (Convert.ToHexStringLower(b.Sha256), b.Suffix, b.IsBlob)));

        await Store.WriteAsync(Sha256, Bytes, default);
        Assert.Equal(Bytes, await Store.ReadAsync(Sha256, default));
        await Store.DeleteAsync(Sha256, default);
        Assert.Empty(Kept);
    }

    private protected async Task<List<StoredBlob>> ListAsync()
    {
        var all = new List<StoredBlob>();
        var parts = Kept.Select(name => Convert.FromHexString(name[..2])[0]).Append(byte.MinValue).Append(byte.MaxValue);
        foreach (var part in parts.Distinct())
        {
            await foreach (var blob in Store.ListAsync(part, default))
            {
                Assert.Equal(part, blob.Sha256[0]);
                all.Add(blob);
            }
        }

        return all;
    }

    private protected async Task<byte[]> ReadAsync(string? rendition)
    {
        await using var stream = await Store.OpenAsync(Sha256, rendition, default);
        var bytes = new MemoryStream();
        await stream!.CopyToAsync(bytes);
        Assert.Equal(stream.Length, bytes.Length);
        return bytes.ToArray();
    }
}
