using CpfPipeline.Learning.Heads;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Sessions;

public sealed class SessionTests
{
    private const int F = 40;

    [Fact]
    public void Embed_AnyBatch_SameBits()
    {
        using var session = ProjectionSession();
        var (n, d) = (70, session.Spec.EmbeddingDim);
        var features = Features(n);
        var all = new Half[n * d];
        session.Embed(features, n, all, new string?[n]);

        for (var i = 0; i < n; i++)
        {
            var one = new Half[d];
            session.Embed(features.AsSpan(i * F, F), 1, one, new string?[1]);
            Assert.Equal(all[(i * d)..((i + 1) * d)], one);
            Assert.Equal(1.0, Math.Sqrt(one.Sum(v => (double)v * (double)v)), 2e-3);
        }
    }

    [Fact]
    public void Embed_BadRows_AreRefusedAlone()
    {
        using var session = new HeadSession(HeadFile.Load(HeadBuilder.Identity(F), "id"), new SessionSettings());
        var features = Features(4);
        features.AsSpan(F, F).Clear();
        features[2 * F] = Half.NaN;
        var embeddings = new Half[4 * F];
        var reasons = new string?[4];

        session.Embed(features, 4, embeddings, reasons);

        Assert.Equal([null, RejectReasons.NoFeature, RejectReasons.NotFinite, null], reasons);
        Assert.All(embeddings, v => Assert.True(Half.IsFinite(v)));
        Assert.All(embeddings[F..(3 * F)], v => Assert.Equal(Half.Zero, v));
    }

    [Fact]
    public void Run_Bank_SameBitsInAnySessionAndAlmostInAnyBatch()
    {
        var file = BackboneFile.Load(FilterBankBackbone.Write(), "bank");
        var random = new Random(3);
        var batch = new PixelBatch(file.Spec.Input, 11);
        for (var i = 0; i < 11; i++)
        {
            foreach (ref var v in batch.Row(i))
            {
                v = random.NextSingle();
            }
        }

        // One by one, as the Embedder does on the CPU. Larger batches may move the last bit of a half (seen with this graph).
        var first = Run(new SessionSettings { MaxRowsPerRun = 1 }, 11);
        Assert.Equal(first, Run(new SessionSettings { MaxRowsPerRun = 1 }, 11));
        Assert.Equal(first.Take(file.Spec.FeatureDim), Run(new SessionSettings { MaxRowsPerRun = 1 }, 1));
        Assert.All(first.Zip(Run(new SessionSettings { MaxRowsPerRun = 11 }, 11)), pair =>
            Assert.Equal((float)pair.First, (float)pair.Second, 1e-3f));

        Half[] Run(SessionSettings settings, int n)
        {
            using var session = new BackboneSession(file, settings);
            var features = new Half[n * session.Spec.FeatureDim];
            var reasons = new string?[n];
            session.Run(batch, n, features, reasons);
            Assert.All(reasons, Assert.Null);
            return features;
        }
    }

    [Fact]
    public void Run_PoisonRow_LeavesTheOthersAlone()
    {
        var file = BackboneFile.Load(FilterBankBackbone.Write(), "bank");
        using var session = new BackboneSession(file, new SessionSettings());
        var batch = new PixelBatch(file.Spec.Input, 2);
        batch.Row(0).Fill(float.NaN);
        batch.Row(1).Fill(.5f);
        var reasons = new string?[2];

        session.Run(batch, 2, new Half[2 * file.Spec.FeatureDim], reasons);

        Assert.Equal([RejectReasons.NotFinite, null], reasons);
    }

    [Fact]
    public void Open_WhateverTheMachine_SaysWhyNotGpu()
    {
        using var session = new BackboneSession(BackboneFile.Load(FilterBankBackbone.Write(), "bank"), new SessionSettings());
        Assert.True(session.Provider is { Name: "cuda", WhyNotGpu: null } or { Name: "cpu", WhyNotGpu.Length: > 0 });
    }

    private static HeadSession ProjectionSession()
    {
        var random = new Random(5);
        float[] Values(int n) => [.. Enumerable.Range(0, n).Select(_ => random.NextSingle() - .5f)];
        var head = new LinearHead(SquareRoot: true, Values(F), Values(F * 12));
        return new HeadSession(HeadFile.Load(head.ToOnnx("test"), "projection"), new SessionSettings());
    }

    private static Half[] Features(int n)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, n * F).Select(_ => (Half)random.NextSingle())];
    }
}
