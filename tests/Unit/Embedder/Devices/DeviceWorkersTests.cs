using System.Security.Cryptography;
using CpfPipeline.Data.Ids;
using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Devices;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Tests.Unit.Contracts.Hosting.Background;
using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Unit.Embedder.Devices;

/// <summary>The workers with devices behind them: from bytes to features.</summary>
public sealed class DeviceWorkersTests : IDisposable
{
    private const int Workers = 2;
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private static readonly InputSpec Grey = new(8, 8, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);

    private readonly MemoryBlobs _blobs = new();
    private readonly FeatureWorkers _workers;

    public DeviceWorkersTests() => _workers = new FeatureWorkers(
        _blobs, new ImageDecoder(new ImageLimits(), TimeProvider.System), Options.Create(new EmbedderOptions { Workers = Workers }),
        NullLogger<FeatureWorkers>.Instance);

    public void Dispose() => _workers.Dispose();

    [Fact]
    public async Task RunAsync_PicturesOfAllWorkers_FillBatches()
    {
        var device = new FakeDevice();
        using var backbone = On(device, batch: 4, Long);

        var batch = await RunAsync(backbone, [.. Enumerable.Range(1, 8).Select(Plain)]);

        Assert.Equal([4, 4], device.Runs.Select(r => r.Pictures.Length));
        Assert.Equal(Enumerable.Range(1, 8).Select(i => (Half)(i / 255f)), Enumerable.Range(0, 8).Select(i => batch.Feature(i).Span[0]));
        Assert.True(batch.Outcome(0).IsBlank);
    }

    [Fact]
    public async Task RunAsync_AnotherModelComesMeanwhile_EachPictureGetsItsOwnModelsFeature()
    {
        using var first = On(new FakeDevice(), batch: 3, TimeSpan.FromMilliseconds(1));
        using var second = On(new FakeDevice(factor: 2), batch: 3, TimeSpan.FromMilliseconds(1));
        byte[][] pictures = [.. Enumerable.Range(1, 10).Select(Plain)];

        var batches = await Task.WhenAll(RunAsync(first, pictures), RunAsync(second, pictures));

        for (var i = 0; i < pictures.Length; i++)
        {
            Assert.Equal(((Half)((i + 1) / 255f), (Half)(2 * ((i + 1) / 255f))),
                (batches[0].Feature(i).Span[0], batches[1].Feature(i).Span[0]));
        }
    }

    [Fact]
    public async Task RunAsync_ManyThatCannotBeDecoded_HoldNoMemoryBack()
    {
        using var backbone = On(new FakeDevice(), batch: 1, TimeSpan.Zero);

        var batch = await RunAsync(backbone, [.. Enumerable.Range(1, 20).Select(i => new byte[] { (byte)i, 2, 3 }), Plain(9)]);

        Assert.All(Enumerable.Range(0, 20), i => Assert.NotNull(batch.Outcome(i).Reason));
        Assert.Equal((Half)(9 / 255f), batch.Feature(20).Span[0]);
    }

    [Fact]
    public async Task RunAsync_DeviceIsLostForGood_GivesTheCpusBits()
    {
        var file = BackboneFile.Load(FilterBankBackbone.Write(), "bank");
        var settings = new SessionSettings { Provider = ExecutionProviderRequest.Cpu };
        var cpu = new Lazy<BackboneSession>(() => new BackboneSession(file, settings));
        var device = new FakeDevice { Before = _ => throw new DeviceLostException("cuda:0 stopped working") };
        var group = new DeviceGroup(
            [TestGroup.Slot(device)], () => new OnnxDevice("cpu", cpu.Value, ownsSession: false),
            new DeviceRowSize(file.Spec.Input.RowLength, file.Spec.FeatureDim), new DeviceBatching(2, TimeSpan.Zero, Workers, "cuda"),
            new EmbedderMetrics(), new InstantTime(), NullLogger.Instance);
        using var backbone = new ServedBackbone(file.Spec, new ExecutionProvider("cuda", null), cpu, group);
        byte[][] pictures = [.. Enumerable.Range(1, 4).Select(i => TestPictures.Png(60 + i, 40))];

        var meanwhile = await RunAsync(backbone, pictures);
        Assert.True(SpinWait.SpinUntil(() => backbone.Devices is null, TestGroup.Bound));
        var after = await RunAsync(backbone, pictures);

        Assert.Equal("cpu", backbone.Provider.Name);
        Assert.Contains("cuda:0 is gone", backbone.Provider.WhyNotGpu);
        using var alone = new BackboneSession(file, settings);
        for (var i = 0; i < pictures.Length; i++)
        {
            var expected = Alone(alone, pictures[i]);
            Assert.Equal(expected, meanwhile.Feature(i).ToArray());
            Assert.Equal(expected, after.Feature(i).ToArray());
        }
    }

    [Fact]
    public async Task Work_DeviceComesBack_WhatWaitsForTheCpuIsDoneFirst()
    {
        var file = BackboneFile.Load(FilterBankBackbone.Write(), "bank");
        var settings = new SessionSettings { Provider = ExecutionProviderRequest.Cpu };
        var cpu = new Lazy<BackboneSession>(() => new BackboneSession(file, settings));
        var (isBack, batches, isDoneFirst) = (false, new List<FeatureBatch>(), false);
        var lost = new FakeDevice { Before = _ => throw new DeviceLostException("cuda:0 stopped working") };
        var second = new FakeDevice { Before = v => isDoneFirst |= v.Length > 0 && batches[0].Completion.IsCompleted };
        var group = new DeviceGroup(
            [new DeviceSlot("cuda:0", lost, () => Volatile.Read(ref isBack) ? second : throw new DeviceLostException("cuda:0 is gone"))],
            () => new FakeDevice(), new DeviceRowSize(file.Spec.Input.RowLength, file.Spec.FeatureDim),
            new DeviceBatching(1, TimeSpan.Zero, 1, "cuda"), new EmbedderMetrics(), new InstantTime(), NullLogger.Instance);
        using var backbone = new ServedBackbone(file.Spec, new ExecutionProvider("cuda", null), cpu, group);
        group.Add(new DevicePicture([1], new Half[file.Spec.FeatureDim], (_, _) => { }, CancellationToken.None));
        Assert.True(SpinWait.SpinUntil(() => !group.Works, TestGroup.Bound));
        using var jobs = new JobQueue<FeatureJob>(3);
        for (var i = 0; i < 3; i++)
        {
            batches.Add(new FeatureBatch(
                backbone, [new ContentWork(i, [], "stored", null, null, [], [])], Urgency.Arrival, CancellationToken.None));
            await jobs.WriteAsync(new FeatureJob(batches[i], 0, TestPictures.Png(60, 40)), Urgency.Arrival, default);
        }

        jobs.Close();
        var decoder = new ImageDecoder(new ImageLimits(), new SecondTimer(() =>
        {
            Volatile.Write(ref isBack, true);
            Assert.True(SpinWait.SpinUntil(() => group.Works, TestGroup.Bound));
        }));
        new FeatureWorker(jobs, decoder, new EmbedderOptions { BatchSize = 3 }).Work();
        await Task.WhenAll(batches.Select(b => b.Completion)).WaitAsync(TestGroup.Bound, TestContext.Current.CancellationToken);

        Assert.Single(second.Runs);
        Assert.True(isDoneFirst);
    }

    private static ServedBackbone On(FakeDevice device, int batch, TimeSpan maxWait)
    {
        var spec = new BackboneSpec(Grey, "pixels", "feature", 1, "a fake");
        var group = new DeviceGroup(
            [TestGroup.Slot(device)], () => new FakeDevice(), new DeviceRowSize(Grey.RowLength, 1),
            new DeviceBatching(batch, maxWait, Workers, "cuda"), new EmbedderMetrics(), TimeProvider.System, NullLogger.Instance);
        var cpu = new Lazy<BackboneSession>(() => throw new InvalidOperationException("the device works"));
        return new ServedBackbone(spec, new ExecutionProvider("cuda", null), cpu, group);
    }

    private async Task<FeatureBatch> RunAsync(ServedBackbone backbone, byte[][] pictures)
    {
        var contents = new List<ContentWork>();
        foreach (var picture in pictures)
        {
            var sha256 = SHA256.HashData(picture);
            await _blobs.WriteAsync(sha256, picture, CancellationToken.None);
            contents.Add(new ContentWork(ContentId.FromSha256(sha256), sha256, "stored", null, null, [], []));
        }

        var batch = new FeatureBatch(backbone, contents, Urgency.Arrival, CancellationToken.None);
        await _workers.RunAsync(batch, CancellationToken.None).WaitAsync(TestGroup.Bound);
        return batch;
    }

    private static Half[] Alone(BackboneSession session, byte[] picture)
    {
        var (pixels, feature) = (new PixelBatch(session.Spec.Input, 1), new Half[session.Spec.FeatureDim]);
        Assert.True(new ImageDecoder(new ImageLimits(), TimeProvider.System).Decode(picture, session.Spec.Input, pixels.Row(0)).IsOk);
        session.Run(pixels, 1, feature, new string?[1]);
        return feature;
    }

    private static byte[] Plain(int grey)
    {
        using var black = Image.Black(16, 16, bands: 3);
        using var plain = (black + grey).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        return plain.PngsaveBuffer();
    }

    /// <summary>Calls something before the second timer is made: the decoder makes one a picture.</summary>
    private sealed class SecondTimer(Action before) : TimeProvider
    {
        private int _timers;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (++_timers == 2)
            {
                before();
            }

            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
