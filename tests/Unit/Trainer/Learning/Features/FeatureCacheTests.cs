using System.Security.Cryptography;
using CpfPipeline.Learning.Features;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Features;

public sealed class FeatureCacheTests : IDisposable
{
    private const long Much = 1_000_000_000;

    private readonly string _root = Directory.CreateTempSubdirectory("cpf-unit-").FullName;
    private readonly BackboneSession _session =
        new(BackboneFile.Load(FilterBankBackbone.Write(), "a backbone"), new SessionSettings { Provider = ExecutionProviderRequest.Cpu });

    private int Dimension => _session.Spec.FeatureDim;

    private string[] Files => Directory.GetFiles(_root, "*", SearchOption.AllDirectories);

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void TryRead_WhatAnotherRunKept_IsTheSame()
    {
        Keep(1, 2, 3);

        using var cache = Open();

        Assert.Equal([true, true, true, false], new[] { 1, 2, 3, 4 }.Select(i => Has(cache, i)));
        Assert.Equal(3, cache.Hits);
    }

    [Fact]
    public void TryRead_FeaturesOfAnotherBackbone_AreNotThere()
    {
        Keep(1);
        var other = BackboneFile.Load(FilterBankBackbone.Write(), "a backbone");
        using var session = new BackboneSession(BackboneFile.Load(Renamed(other), "another"), new SessionSettings());
        using var cache = FeatureCache.Open(_root, Much, session, TimeProvider.System);
        Assert.False(Has(cache, 1));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(40)]
    [InlineData(0)]
    public void Open_DamagedFile_IsNotUsedAndGoes(int at)
    {
        Keep(1, 2);
        var bytes = File.ReadAllBytes(Files.Single());
        bytes[at < 0 ? bytes.Length / 2 : at] ^= 1;
        File.WriteAllBytes(Files.Single(), bytes);

        using (var cache = Open())
        {
            Assert.False(Has(cache, 1) || Has(cache, 2));
        }

        Assert.Empty(Files);
    }

    [Fact]
    public void Open_FileThatWasCutOff_IsNotUsed()
    {
        Keep(1, 2);
        var bytes = File.ReadAllBytes(Files.Single());
        File.WriteAllBytes(Files.Single(), bytes[..^40]);
        using var cache = Open();
        Assert.False(Has(cache, 1));
    }

    [Fact]
    public void TryRead_FileRemovedByAnotherRun_IsNotThere()
    {
        Keep(1);
        using var cache = Open();
        File.Delete(Files.Single());
        Assert.False(Has(cache, 1));
    }

    [Fact]
    public void Dispose_MoreThanTheLimit_RemovesWhatWasNotUsedForLongest()
    {
        // Opened by a run, a backbone's features are used: what lies elsewhere is older.
        var old = Path.Combine(_root, "of another backbone", "a.features");
        Directory.CreateDirectory(Path.GetDirectoryName(old)!);
        File.WriteAllText(old, "a");
        File.SetLastWriteTimeUtc(old, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Keep(1);
        Assert.True(File.Exists(old));

        FeatureCache.Open(_root, new FileInfo(Files.Single(f => f != old)).Length, _session, TimeProvider.System).Dispose();
        Assert.False(File.Exists(old));
        Assert.Single(Files);

        FeatureCache.Open(_root, 1, _session, TimeProvider.System).Dispose();
        Assert.Empty(Files);
    }

    [Fact]
    public async Task Add_ManyThreadsOfTwoRuns_LoseNothing()
    {
        using (var first = Open())
        using (var second = Open())
        {
            await Task.WhenAll(
                Task.Run(() => Parallel.For(0, 1500, i => first.Add(Hash(i), Feature(i)))),
                Task.Run(() => Parallel.For(1000, 2500, i => second.Add(Hash(i), Feature(i)))));
        }

        using var cache = Open();
        Assert.All(Enumerable.Range(0, 2500), i => Assert.True(Has(cache, i)));
    }

    [Fact]
    public void Open_FolderThatCannotBeWritten_KeepsNothingAndGoesOn()
    {
        var file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");
        using var cache = FeatureCache.Open(file, Much, _session, TimeProvider.System);
        cache.Add(Hash(1), Feature(1));
        Assert.False(Has(cache, 1));
    }

    private FeatureCache Open() => FeatureCache.Open(_root, Much, _session, TimeProvider.System);

    private void Keep(params int[] pictures)
    {
        using var cache = Open();
        foreach (var picture in pictures)
        {
            cache.Add(Hash(picture), Feature(picture));
        }
    }

    private bool Has(FeatureCache cache, int picture)
    {
        var feature = new Half[Dimension];
        if (!cache.TryRead(Hash(picture), feature))
        {
            return false;
        }

        Assert.Equal(Feature(picture), feature);
        return true;
    }

    private static byte[] Hash(int picture) => SHA256.HashData(BitConverter.GetBytes(picture));

    private Half[] Feature(int picture) => [.. Enumerable.Range(0, Dimension).Select(i => (Half)(picture + (i / 8f)))];

    private static byte[] Renamed(BackboneFile file)
    {
        var model = ModelFile.Parse(file.Bytes.Span, "a backbone");
        model.ProducerName = "another";
        return Google.Protobuf.MessageExtensions.ToByteArray(model);
    }
}
