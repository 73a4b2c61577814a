using CpfPipeline.Embedder.Devices;
using CpfPipeline.Tests.Unit.Contracts.Hosting.Background;
using Xunit;

namespace CpfPipeline.Tests.Unit.Embedder.Devices;

public sealed class DeviceGroupTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly ManualTime _time = new();
    private readonly FakeDevice _device = new();

    [Fact]
    public async Task Add_FromSeveralWorkers_OneRunForAll()
    {
        using var test = new TestGroup(_time, 8, Long, TestGroup.Slot(_device));

        var features = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(() => test.AddAsync(i))));

        Assert.Equal([1f, 2, 3, 4, 5, 6, 7, 8], features);
        Assert.Equal((8, 8), (Assert.Single(_device.Runs).Pictures.Length, _device.Runs[0].Rows));
    }

    [Fact]
    public async Task Add_FewerThanABatch_RunAfterTheWaitInARunOfTheSameSize()
    {
        using var test = new TestGroup(_time, 8, Long, TestGroup.Slot(_device));
        var features = test.AddAll(1, 2, 3);
        await _time.SetAsync();

        _time.Advance(Long);

        Assert.Equal(new[] { 1f, 2, 3 }, await Task.WhenAll(features));
        Assert.Equal((3, 8), (_device.Runs[0].Pictures.Length, _device.Runs[0].Rows));
    }

    [Fact]
    public async Task Add_OneIsAbandonedMeanwhile_TheOthersComeWithoutIt()
    {
        using var stop = new CancellationTokenSource();
        using var test = new TestGroup(_time, 3, Long, TestGroup.Slot(_device));
        var (first, second) = (test.AddAsync(1), test.AddAsync(2, stop.Token));

        await stop.CancelAsync();

        Assert.Equal(3f, await test.AddAsync(3));
        Assert.Equal(1f, await first);
        await Assert.ThrowsAsync<OperationCanceledException>(() => second);
        Assert.Equal([1f, 3], _device.Runs.Single().Pictures);
    }

    [Fact]
    public async Task Add_OneIsAbandonedWhileAnotherGetsItsOutcome_HasAnOutcomeToo()
    {
        using CancellationTokenSource stop = new(), stopped = new();
        await stopped.CancelAsync();
        using var test = new TestGroup(_time, 2, Long, TestGroup.Slot(_device));

        var first = test.AddAsync(1, stop.Token);
        test.Group.Add(new DevicePicture([2], new Half[1], (_, _) => stop.Cancel(), stopped.Token));

        Assert.Equal(1f, await first);
    }

    [Fact]
    public async Task Run_MemoryEnds_HalvesRemembersAndLosesNone()
    {
        _device.Room = 2;
        using var test = new TestGroup(_time, 8, Long, TestGroup.Slot(_device));

        Assert.Equal(new[] { 1f, 2, 3, 4, 5, 6, 7, 8 }, await Task.WhenAll(test.AddAll(1, 2, 3, 4, 5, 6, 7, 8)));
        Assert.Equal(new[] { 9f, 10 }, await Task.WhenAll(test.AddAll(9, 10)));

        Assert.Equal([1f, 2, 3, 4, 5, 6, 7, 8, 9, 10], test.Order);
        Assert.Equal([8, 4, 2, 2, 2, 2, 2], _device.Runs.Select(r => r.Rows));
        Assert.Equal(2, test.Group.Report().Single().Batch);
    }

    [Fact]
    public async Task Run_OnePictureAloneDoesNotFit_GoesToTheCpu()
    {
        _device.Before = values =>
        {
            if (values.Contains(3))
            {
                throw new DeviceMemoryException("cuda:0 has too little memory");
            }
        };
        using var test = new TestGroup(_time, 4, Long, TestGroup.Slot(_device));

        Assert.Equal(new[] { 1f, 2, 3, 4 }, await Task.WhenAll(test.AddAll(1, 2, 3, 4)));
        Assert.Equal([1f, 2, 3, 4], test.Order);
        Assert.Equal([3f], Assert.Single(test.Cpu.Runs).Pictures);
        Assert.Equal(("running", 0), (Report(test).State, Report(test).Losses));
    }

    [Fact]
    public async Task Run_NoPictureFitsAnyMore_TheDeviceIsLostAndThePicturesAreTheCpus()
    {
        _device.Room = 0;
        var second = new FakeDevice();
        using var test = new TestGroup(_time, 1, Long, new DeviceSlot("cuda:0", _device, () => second));

        Assert.Equal(new[] { 1f, 2, 3 }, await Task.WhenAll(test.AddAll(1, 2, 3)));

        await SetAsync(TimeSpan.FromSeconds(1));
        Assert.Equal([1f, 2, 3], test.Cpu.Runs.Select(r => r.Pictures.Single()));
        Assert.Equal(("restarting", "not even one picture fits: 1 rows are too many"), (Report(test).State, Report(test).LastLoss));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(4f, await test.AddAsync(4));
        Assert.Equal([4f], second.Runs.Single().Pictures);
    }

    [Fact]
    public async Task Run_TheGraphFails_FailsTheRunAndKeepsTheDevice()
    {
        var isFirst = true;
        _device.Before = _ =>
        {
            if (isFirst)
            {
                isFirst = false;
                throw new InvalidOperationException("bad node");
            }
        };
        using var test = new TestGroup(_time, 2, Long, TestGroup.Slot(_device));

        foreach (var feature in test.AddAll(1, 2))
        {
            Assert.Equal("bad node", (await Assert.ThrowsAsync<InvalidOperationException>(() => feature)).Message);
        }

        Assert.Equal(new[] { 3f, 4 }, await Task.WhenAll(test.AddAll(3, 4)));
    }

    [Fact]
    public async Task Run_DeviceIsLost_IsOpenedAgainAfterAPauseAndNothingIsLost()
    {
        _device.Before = _ => throw new DeviceLostException("cuda:0 stopped working");
        var second = new FakeDevice();
        using var test = new TestGroup(_time, 4, Long, new DeviceSlot("cuda:0", _device, () => second));
        var features = test.AddAll(1, 2, 3, 4);

        await SetAsync(TimeSpan.FromSeconds(1));
        Assert.True(_device.IsDisposed);
        Assert.Equal(("restarting", "cuda:0 stopped working"), (Report(test).State, Report(test).LastLoss));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new[] { 1f, 2, 3, 4 }, await Task.WhenAll(features));
        Assert.Equal([1f, 2, 3, 4], test.Order);
        Assert.Equal([1f, 2, 3, 4], second.Runs.Single().Pictures);
        Assert.Empty(test.Cpu.Runs);
        Assert.Equal(("running", 1), (Report(test).State, Report(test).Losses));
    }

    [Fact]
    public async Task Run_DeviceCannotBeOpenedAgain_TheCpuTakesOverUntilItCan()
    {
        _device.Before = _ => throw new DeviceLostException("cuda:0 stopped working");
        var (second, isBack) = (new FakeDevice(), false);
        using var test = new TestGroup(_time, 2, Long, new DeviceSlot("cuda:0", _device, () => isBack ? second
            : throw new DeviceLostException("cuda:0 cannot be opened: no device")));
        var features = test.AddAll(1, 2);
        foreach (var seconds in new[] { 1, 2 })
        {
            await SetAsync(TimeSpan.FromSeconds(seconds));
            Assert.True(test.Group.Works);
            _time.Advance(TimeSpan.FromSeconds(seconds));
        }

        Assert.Equal(new[] { 1f, 2 }, await Task.WhenAll(features));
        Assert.Equal(new[] { 3f }, await Task.WhenAll(test.AddAll(3)));
        Assert.Equal([1f, 2, 3], test.Cpu.Runs.Select(r => r.Pictures.Single()));
        Assert.Equal(("lost", false), (Report(test).State, test.Group.Works));
        Assert.Equal(
            "cuda:0 cannot be opened: no device; the CPU has taken over, and devices are tried again", test.Group.WhyNone);

        await SetAsync(TimeSpan.FromSeconds(4));
        isBack = true;
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.True(SpinWait.SpinUntil(() => test.Group.Works, TestGroup.Bound));

        Assert.Equal(new[] { 4f, 5 }, await Task.WhenAll(test.AddAll(4, 5)));
        Assert.Equal([4f, 5], second.Runs.Single().Pictures);
        Assert.Null(test.Group.WhyNone);
    }

    [Fact]
    public async Task Run_TwoDevices_TheFreeOneTakesWhatComes()
    {
        using var held = new SemaphoreSlim(0);
        var holds = 0;
        var other = new FakeDevice();
        _device.Before = other.Before = _ =>
        {
            if (Interlocked.Increment(ref holds) == 1)
            {
                held.Wait();
            }
        };
        using var test = new TestGroup(_time, 2, Long, TestGroup.Slot(_device), TestGroup.Slot(other, "cuda:1"));
        var first = test.AddAll(1, 2);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref holds) == 1, TestGroup.Bound));

        Assert.Equal(new[] { 3f, 4, 5, 6 }, await Task.WhenAll(test.AddAll(3, 4, 5, 6)));
        Assert.All(first, f => Assert.False(f.IsCompleted));
        held.Release();

        Assert.Equal(new[] { 1f, 2 }, await Task.WhenAll(first));
        Assert.Equal([1, 2], new[] { _device.Runs.Count, other.Runs.Count }.Order());
    }

    [Fact]
    public async Task Run_OneOfTwoDevicesIsLost_TheOtherDoesItsPictures()
    {
        using var held = new SemaphoreSlim(0);
        var other = new FakeDevice { Before = _ => held.Wait() };
        _device.Before = _ => throw new DeviceLostException("cuda:0 stopped working");
        using var test = new TestGroup(_time, 1, Long, TestGroup.Slot(_device), TestGroup.Slot(other, "cuda:1"));
        var features = test.AddAll(1, 2, 3);
        await SetAsync(TimeSpan.FromSeconds(1));
        held.Release(3);

        Assert.Equal(new[] { 1f, 2, 3 }, await Task.WhenAll(features));
        Assert.Equal(3, other.Runs.Count);
        Assert.Empty(test.Cpu.Runs);
    }

    [Fact]
    public async Task Run_APictureCostsTheDeviceEachTime_GoesToTheCpu()
    {
        FakeDevice Open() => new()
        {
            Before = values =>
            {
                if (values.Contains(2))
                {
                    throw new DeviceLostException("cuda:0 stopped working");
                }
            },
        };
        using var test = new TestGroup(new InstantTime(), 1, TimeSpan.Zero, new DeviceSlot("cuda:0", Open(), Open));

        Assert.Equal(new[] { 1f, 2, 3 }, await Task.WhenAll(test.AddAll(1, 2, 3)));

        Assert.Contains(test.Cpu.Runs, r => r.Pictures.Contains(2));
        Assert.True(SpinWait.SpinUntil(() => test.Group.Works, TestGroup.Bound));
    }

    [Fact]
    public async Task Dispose_PicturesWait_AreDoneFirst()
    {
        var test = new TestGroup(_time, 8, Long, TestGroup.Slot(_device));
        var features = test.AddAll(1, 2, 3);

        test.Dispose();

        Assert.Equal(new[] { 1f, 2, 3 }, await Task.WhenAll(features));
        Assert.True(_device.IsDisposed);
    }

    [Fact]
    public async Task Dispose_WhileADeviceIsLost_TheCpuDoesWhatWaits()
    {
        _device.Before = _ => throw new DeviceLostException("cuda:0 stopped working");
        var test = new TestGroup(_time, 2, Long, TestGroup.Slot(_device));
        var features = test.AddAll(1, 2);
        await SetAsync(TimeSpan.FromSeconds(1));

        test.Dispose();

        Assert.Equal(new[] { 1f, 2 }, await Task.WhenAll(features));
        Assert.Equal(2, test.Cpu.Runs.Count);
    }

    private static DeviceReport Report(TestGroup test) => test.Group.Report().Single();

    // Timers of batches that are not full are passed over.
    private async Task SetAsync(TimeSpan pause)
    {
        TimeSpan set;
        do
        {
            set = await _time.SetAsync();
        }
        while (set == Long);
        Assert.Equal(pause, set);
    }
}
