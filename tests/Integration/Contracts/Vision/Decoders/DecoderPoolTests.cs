using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Walls;
using CpfPipeline.Vocabulary;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Vision.Decoders;

/// <summary>Processes that decode: what one of them does wrong costs one picture.</summary>
public sealed class DecoderPoolTests
{
    private static readonly ImageDecoder Within = new(new ImageLimits(), TimeProvider.System);

    [Fact]
    public void Decode_PicturesOfEveryFormat_GivesTheBitsOfThisProcess()
    {
        using var pool = new DecoderPool(ProbePool.Settings() with { Command = DecoderCommand.Beside }, TimeProvider.System);
        var wide = new InputSpec(20, 30, ResizeRule.ShorterSide, [.485f, .456f, .406f], [.229f, .224f, .225f]) { Edge = 32 };
        foreach (var picture in Pictures())
        {
            foreach (var spec in new[] { ProbePool.Small, wide, wide with { Kernel = ResizeKernel.Bicubic, Channels = ChannelOrder.Bgr } })
            {
                var (ours, theirs) = (new float[spec.RowLength], new float[spec.RowLength]);
                Assert.Equal(Within.Decode(picture, spec, ours), pool.Decode(picture, spec, theirs));
                Assert.Equal(ours, theirs);
            }

            Assert.Equal(Within.Thumbnail(picture, 40, out var ourWebp), pool.Thumbnail(picture, 40, out var theirWebp));
            Assert.Equal(ourWebp, theirWebp);

            Assert.Equal(Within.Bounded(picture, 40, out var ourPixels), pool.Bounded(picture, 40, out var theirPixels));
            Assert.Equal((ourPixels?.Width, ourPixels?.Height), (theirPixels?.Width, theirPixels?.Height));
            Assert.Equal(ourPixels?.Rgb, theirPixels?.Rgb);
        }
    }

    [Fact]
    public void Decode_SomeCrash_NeighboursGoOnAndEachCrashIsTriedTwice()
    {
        using var pool = ProbePool.Of(ProbePool.Settings(2));
        var pictures = Pictures().ToArray();
        var words = new[] { "crash", "leave" };
        var outcomes = new ConcurrentDictionary<int, (DecodeOutcome Outcome, float[] Row)>();
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            var row = new float[ProbePool.Small.RowLength];
            var bytes = i % 20 == 7 ? ProbePool.Asking(words[i / 20]) : pictures[i % pictures.Length];
            outcomes[i] = (pool.Decode(bytes, ProbePool.Small, row), row);
        });

        foreach (var (i, (outcome, row)) in outcomes)
        {
            var expected = new float[ProbePool.Small.RowLength];
            if (i % 20 == 7)
            {
                Assert.Equal(RejectReasons.DecoderCrashed, outcome.Reason);
            }
            else
            {
                Assert.Equal(Within.Decode(pictures[i % pictures.Length], ProbePool.Small, expected), outcome);
            }

            Assert.Equal(expected, row);
        }

        Assert.Equal(4, pool.CountOf(DecoderLoss.Crashed));
        Assert.Contains("signal 11", outcomes[7].Outcome.Message, StringComparison.Ordinal);
        Assert.Contains("exit code 3", outcomes[27].Outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_Hangs_IsEndedOnceItsTimeIsUp()
    {
        var settings = ProbePool.Settings() with
        {
            Limits = new ImageLimits { MaxDecodeTime = TimeSpan.FromSeconds(1) }, Grace = TimeSpan.FromMilliseconds(200),
        };
        using var pool = ProbePool.Of(settings);
        pool.Start();

        Assert.Equal(RejectReasons.DecodeTimeout, pool.Ask("hang").Reason);

        Assert.Equal(1, pool.CountOf(DecoderLoss.TimedOut));
        Assert.Equal(RejectReasons.Truncated, pool.Ask("nothing").Reason);
    }

    [Theory]
    [InlineData("lie")]
    [InlineData("nul-text")]
    [InlineData("line-text")]
    [InlineData("other-number")]
    [InlineData("other-format")]
    [InlineData("output-of-refused")]
    [InlineData("short-output")]
    [InlineData("long-text")]
    [InlineData("negative-text")]
    public void Decode_AnswersNonsense_IsNotBelieved(string word)
    {
        using var pool = ProbePool.Of(ProbePool.Settings());

        Assert.Equal(RejectReasons.DecoderCrashed, pool.Ask(word).Reason);

        Assert.Equal(2, pool.CountOf(DecoderLoss.Disobeyed));
        Assert.Equal("the JPEG ends before its first scan", pool.Ask("nothing").Message);
    }

    [Fact]
    public void Decode_AnsweredBeforeItWasAsked_GetsAnotherProcess()
    {
        using var pool = ProbePool.Of(ProbePool.Settings());
        Assert.Equal(RejectReasons.Undecodable, pool.Ask("ahead").Reason); // Forged, which nobody can see.

        Assert.Equal("the JPEG ends before its first scan", pool.Ask("nothing").Message);

        Assert.Equal(1, pool.CountOf(DecoderLoss.Disobeyed));
    }

    [Fact]
    public void Decode_ProcessesAreKilled_BlamesNoPicture()
    {
        using var pool = ProbePool.Of(ProbePool.Settings());
        pool.Start();
        Assert.Equal(0, Libc.Kill(Assert.Single(pool.ProcessIds), 9));

        Assert.Equal(RejectReasons.Truncated, pool.Ask("nothing").Reason);
        Assert.Equal(1, pool.CountOf(DecoderLoss.Killed));
        Assert.Throws<DecodersUnavailableException>(() => pool.Ask("die"));
        Assert.Equal(RejectReasons.Truncated, pool.Ask("nothing").Reason);
    }

    [Fact]
    public void Decode_OnePictureAfterTheOtherCrashes_BlamesThePool()
    {
        using var pool = ProbePool.Of(ProbePool.Settings());
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(RejectReasons.DecoderCrashed, pool.Ask("leave").Reason);
        }

        Assert.Throws<DecodersUnavailableException>(() => pool.Ask("leave"));
        Assert.Equal(RejectReasons.Truncated, pool.Ask("nothing").Reason);
        Assert.Equal(RejectReasons.DecoderCrashed, pool.Ask("leave").Reason);
    }

    [Fact]
    public void Decode_StartsThreadsOrWorksWithoutAPicture_GetsAnotherProcess()
    {
        using var pool = ProbePool.Of(ProbePool.Settings() with { MaxIdleWork = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(RejectReasons.Truncated, pool.Ask("threads").Reason);
        Assert.Equal(1, pool.CountOf(DecoderLoss.Disobeyed)); // Seen once it had answered.

        Assert.Equal(RejectReasons.Truncated, pool.Ask("work-on").Reason);
        Assert.Equal(1, pool.CountOf(DecoderLoss.Disobeyed));
        var busy = Assert.Single(pool.ProcessIds);
        var child = new ChildProcess(busy);
        var before = child.ProcessorTime();
        while (child.ProcessorTime() - before < TimeSpan.FromMilliseconds(400))
        {
            Thread.Yield();
        }

        Assert.Equal(RejectReasons.Truncated, pool.Ask("nothing").Reason);
        Assert.Equal(2, pool.CountOf(DecoderLoss.Disobeyed));
        Assert.NotEqual(busy, Assert.Single(pool.ProcessIds));
    }

    [Fact]
    public void Decode_ProcessesEndAgainAndAgain_StartsThemFurtherAndFurtherApart()
    {
        var time = new RecordedTime();
        using var pool = new DecoderPool(ProbePool.Settings(), time);
        for (var i = 0; i < 3; i++)
        {
            Assert.Throws<DecodersUnavailableException>(() => pool.Ask("die"));
        }

        Assert.Equal([100, 100, 200, 200], time.Pauses.Select(p => p.TotalMilliseconds).Order());
        Assert.Equal(RejectReasons.Truncated, pool.Ask("nothing").Reason);
        time.Pauses.Clear();
        Assert.Throws<DecodersUnavailableException>(() => pool.Ask("die"));
        Assert.Empty(time.Pauses);
    }

    /// <summary>Remembers what is waited for, and does not wait.</summary>
    private sealed class RecordedTime : TimeProvider
    {
        public ConcurrentBag<TimeSpan> Pauses { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pauses.Add(dueTime);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    [Fact]
    public void Decode_TakesMoreMemoryThanItMay_Ends()
    {
        using var pool = ProbePool.Of(ProbePool.Settings() with { MaxMemoryBytes = 256 << 20 });

        var outcome = pool.Ask("eat");

        Assert.Equal(RejectReasons.DecoderCrashed, outcome.Reason);
        Assert.Contains("signal 6", outcome.Message, StringComparison.Ordinal); // Not "exit code 99": it had it all.
        Assert.Equal(2, pool.CountOf(DecoderLoss.Crashed));
    }

    [Fact]
    public void Decode_NumberOfPicturesDone_TakesANewProcess()
    {
        using var pool = ProbePool.Of(ProbePool.Settings() with { PicturesPerProcess = 2 });
        pool.Start();
        var first = pool.ProcessIds;

        Assert.Equal(RejectReasons.Truncated, pool.Ask("nothing").Reason);
        Assert.Equal(first, pool.ProcessIds);
        Assert.Equal(RejectReasons.Truncated, pool.Ask("nothing").Reason);
        Assert.Empty(pool.ProcessIds);
        Assert.Equal(RejectReasons.Truncated, pool.Ask("nothing").Reason);
        Assert.NotEqual(first, pool.ProcessIds);
        Assert.Equal(1, pool.CountOf(DecoderLoss.Retired));
    }

    [Fact]
    public void Decode_KeepsTooMuchMemory_TakesANewProcess()
    {
        using var pool = ProbePool.Of(ProbePool.Settings() with { MaxIdleMemoryBytes = 1 << 20 });
        for (var i = 0; i < 32; i++)
        {
            Assert.Equal(RejectReasons.Truncated, pool.Ask("nothing").Reason);
        }

        Assert.Equal(1, pool.CountOf(DecoderLoss.Grew));
    }

    [Fact]
    public void Signals_MeantForTheWholeGroup_DoNotEndIt()
    {
        using var pool = ProbePool.Of(ProbePool.Settings());
        pool.Start();
        var id = Assert.Single(pool.ProcessIds);
        foreach (var signal in new[] { 1, 2, 3, 15 })
        {
            Assert.Equal(0, Libc.Kill(id, signal));
        }

        Assert.Equal(RejectReasons.Truncated, pool.Ask("thread").Reason);
        Assert.Equal(id, Assert.Single(pool.ProcessIds));
    }

    [Fact]
    public async Task Processes_ParentIsKilled_EndWithIt()
    {
        var start = new ProcessStartInfo(new DecoderCommand(ProbePool.Program).Host) { RedirectStandardOutput = true };
        foreach (var word in (string[])["exec", ProbePool.Program, "parent", ProbePool.Program])
        {
            start.ArgumentList.Add(word);
        }

        using var parent = Process.Start(start)!;
        var line = await parent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        int[] ids = [.. line!.Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        Assert.Equal(2, ids.Count(IsThere));
        await Until.TrueAsync(() => Task.FromResult(ids.Any(IsBusy)));

        parent.Kill();

        await Until.TrueAsync(() => Task.FromResult(!ids.Any(IsThere)));
    }

    [Fact]
    public void Dispose_EndsTheProcesses()
    {
        var pool = ProbePool.Of(ProbePool.Settings(2));
        pool.Start();
        var ids = pool.ProcessIds;
        Assert.Equal(2, ids.Count(IsThere));

        pool.Dispose();

        Assert.DoesNotContain(ids, IsThere);
    }

    [Fact]
    public void Start_ProgramIsNotThere_IsNoPicturesFault()
    {
        using var pool = ProbePool.Of(ProbePool.Settings() with
        {
            Command = new DecoderCommand(Path.Combine(AppContext.BaseDirectory, "nothing.dll")),
        });

        Assert.Contains("nothing.dll", Assert.Throws<DecoderStartException>(pool.Start).Message, StringComparison.Ordinal);
        Assert.Throws<DecoderStartException>(() => pool.Ask("nothing"));
    }

    [Fact]
    public void Start_WallThatTheSystemDoesNotGive_IsRefusedWhenRequired()
    {
        using var pool = ProbePool.Of(ProbePool.Settings() with { RequiredWalls = (Wall)(1 << 20) });

        Assert.Contains("required", Assert.Throws<DecoderStartException>(pool.Start).Message, StringComparison.Ordinal);
        Assert.Empty(pool.ProcessIds);
    }

    private static bool IsThere(int id) => Directory.Exists($"/proc/{id}") && StateOf(id) is not ("Z" or "X" or null);

    private static bool IsBusy(int id) => StateOf(id) == "R";

    private static string? StateOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1].Split(' ')[0];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static IEnumerable<byte[]> Pictures()
    {
        using var noise = Image.Gaussnoise(90, 70, sigma: 40, mean: 120, seed: 5);
        using var ramp = Image.Xyz(90, 70);
        using var colours = noise.Bandjoin(ramp[0], ramp[1]).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        using var clear = colours.Bandjoin(ramp[0].Cast(Enums.BandFormat.Uchar));
        using var grey = colours[0].Copy(interpretation: Enums.Interpretation.Bw);
        yield return colours.JpegsaveBuffer();
        yield return grey.JpegsaveBuffer();
        yield return colours.PngsaveBuffer();
        yield return clear.PngsaveBuffer();
        yield return clear.WebpsaveBuffer();
        yield return colours.GifsaveBuffer();
        yield return colours.TiffsaveBuffer();
        yield return colours.HeifsaveBuffer(compression: Enums.ForeignHeifCompression.Av1, effort: 0);
        yield return colours.JpegsaveBuffer()[..1500];
        yield return colours.PngsaveBuffer()[..900];
        yield return [];
        yield return "%PDF-1.7 no picture"u8.ToArray();
        using var plain = Image.Black(30, 30, bands: 3).Copy(interpretation: Enums.Interpretation.Srgb);
        yield return plain.PngsaveBuffer();
    }
}
