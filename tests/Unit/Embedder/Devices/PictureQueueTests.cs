using CpfPipeline.Embedder.Devices;
using Xunit;

namespace CpfPipeline.Tests.Unit.Embedder.Devices;

public sealed class PictureQueueTests
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(5);

    private readonly ManualTime _time = new();

    [Fact]
    public async Task Take_AsManyAsABatchWait_ComesAtOnceOldestFirst()
    {
        using var queue = new PictureQueue(MaxWait, _time);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => queue.TryAdd(Picture(i)))));

        Assert.Equal(8, Take(queue, 8).Distinct().Count());

        for (var i = 0; i < 6; i++)
        {
            queue.TryAdd(Picture(i));
        }

        Assert.Equal([0f, 1, 2, 3], Take(queue, 4));
    }

    [Fact]
    public async Task Take_FewerThanABatch_WaitsForTheOldestsTimeOnly()
    {
        using var queue = new PictureQueue(MaxWait, _time);
        queue.TryAdd(Picture(1));
        _time.Advance(MaxWait / 5);
        queue.TryAdd(Picture(2));

        var taken = Task.Run(() => Take(queue, 4));
        Assert.Equal(MaxWait * 4 / 5, await _time.SetAsync());
        Assert.False(taken.IsCompleted);
        _time.Advance(MaxWait * 4 / 5);

        Assert.Equal(new[] { 1f, 2 }, await taken.WaitAsync(TestGroup.Bound));
    }

    [Fact]
    public async Task Take_TheLastOfABatchComes_DoesNotWaitLonger()
    {
        using var queue = new PictureQueue(MaxWait, _time);
        queue.TryAdd(Picture(1));
        var taken = Task.Run(() => Take(queue, 2));
        await _time.SetAsync();

        queue.TryAdd(Picture(2));

        Assert.Equal(new[] { 1f, 2 }, await taken.WaitAsync(TestGroup.Bound));
    }

    [Fact]
    public void PutBack_PicturesOfALostDevice_ComeFirstAndAtOnce()
    {
        using var queue = new PictureQueue(MaxWait, _time);
        queue.TryAdd(Picture(3));
        var (first, second) = (Picture(1), Picture(2));
        (first.Losses, second.Losses) = (1, 1);

        queue.PutBack([first, second]);

        Assert.Equal([1f, 2, 3], Take(queue, 4));
    }

    [Fact]
    public void Close_PicturesWait_AreGivenOutAndThenItEnds()
    {
        using var queue = new PictureQueue(MaxWait, _time);
        queue.TryAdd(Picture(1));

        queue.Close();

        Assert.False(queue.TryAdd(Picture(2)));
        Assert.Equal([1f], Take(queue, 4));
        Assert.False(queue.Take(4, []));
    }

    [Fact]
    public void Refuse_PicturesWait_ReturnsThemAndTakesNoMore()
    {
        using var queue = new PictureQueue(MaxWait, _time);
        queue.TryAdd(Picture(1));

        Assert.Equal([1f], queue.Refuse().Select(p => p.Pixels.Span[0]));
        Assert.False(queue.TryAdd(Picture(2)));

        queue.Accept();
        Assert.True(queue.TryAdd(Picture(3)));
    }

    private static DevicePicture Picture(float value) => new([value], new Half[1], (_, _) => { }, CancellationToken.None);

    private static float[] Take(PictureQueue queue, int size)
    {
        var batch = new List<DevicePicture>();
        Assert.True(queue.Take(size, batch));
        return [.. batch.Select(p => p.Pixels.Span[0])];
    }
}
