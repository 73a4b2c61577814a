using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Checkpoints;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.Losses;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.HeadDepth;

public sealed class HeadCheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-unit-").FullName;

    private string Folder => Path.Combine(_folder, "kept");

    private string FilePath => Path.Combine(Folder, HeadCheckpoint.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Open_AfterWriting_HoldsTheSame()
    {
        var checkpoint = Open(1);
        checkpoint.Finish(
            "fold 1",
            new HeadTrainingResult(
                new LinearHead(true, [.5f], [1, 2, float.Epsilon]), 7, .25, [new LossPoint(0, double.NaN, .1), new LossPoint(5, 2, null)]));
        checkpoint.Finish("last", new HeadTrainingResult(new LinearHead(false, [.5f], [1]), 7, null, []));
        var state = new HeadTrainingState
        {
            Step = 3, Loss = .7, ValidatedAt = 2, Stale = 1, BestF1 = .6, BestStep = 2, Present = [[1, 2], [3]], Best = [[4]],
        };
        checkpoint.Keep("fold 2", state);

        var again = Open(1);

        Assert.Null(again.Ignored);
        var finished = again.Finished("fold 1")!;
        Assert.Equal((true, 7, .25), (finished.Head.SquareRoot, finished.Step, finished.ValidationF1));
        Assert.Equal([1, 2, float.Epsilon], finished.Head.Projection);
        Assert.Equal([new LossPoint(0, double.NaN, .1), new LossPoint(5, 2, null)], finished.History);
        Assert.Null(again.Finished("last")!.ValidationF1);
        Assert.Null(again.Finished("fold 2"));
        Assert.Null(again.Begun("fold 1"));
        var begun = again.Begun("fold 2")!;
        Assert.Equal((3, .7, 2, 1, .6, 2), (begun.Step, begun.Loss, begun.ValidatedAt, begun.Stale, begun.BestF1, begun.BestStep));
        Assert.Equal<float[]>([[1, 2], [3]], begun.Present);
        Assert.Equal<float[]>([[4]], begun.Best);
    }

    [Fact]
    public void Open_OfAnotherRun_IsIgnoredWithAReason()
    {
        Open(1).Keep("a", new HeadTrainingState { Step = 3 });
        var other = Open(2);
        Assert.Contains("another run", other.Ignored);
        Assert.Null(other.Begun("a"));
        Assert.Equal(3, Open(1).Begun("a")!.Step);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(60)]
    public void Open_Damaged_IsIgnoredWithAReason(int kept)
    {
        Open(1).Keep("a", new HeadTrainingState { Step = 3 });
        File.WriteAllBytes(FilePath, File.ReadAllBytes(FilePath)[..kept]);
        var opened = Open(1);
        Assert.Contains("damaged", opened.Ignored);
        Assert.Null(opened.Begun("a"));
        opened.Keep("a", new HeadTrainingState { Step = 4 });
        Assert.Equal(4, Open(1).Begun("a")!.Step);
    }

    [Fact]
    public void Keep_FullDisk_SaysSoAndTheOneBeforeIsStillGood()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "/dev/full is missing");
        Open(1).Keep("a", new HeadTrainingState { Step = 3 });
        File.CreateSymbolicLink(FilePath + ".new", "/dev/full");
        var e = Assert.Throws<IOException>(() => Open(1).Keep("a", new HeadTrainingState { Step = 4 }));
        Assert.Contains(FilePath, e.Message);
        Assert.Equal(3, Open(1).Begun("a")!.Step);
    }

    [Fact]
    public void Remove_Folder_GoesUnlessSomethingElseIsInIt()
    {
        Open(1).Keep("a", new HeadTrainingState());
        File.WriteAllText(Path.Combine(Folder, "other"), "");
        CheckpointFile.Remove(Folder, HeadCheckpoint.FileName);
        Assert.False(HeadCheckpoint.IsIn(Folder));
        Assert.True(Directory.Exists(Folder));
        File.Delete(Path.Combine(Folder, "other"));
        CheckpointFile.Remove(Folder, HeadCheckpoint.FileName);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public void IsDue_AfterTheInterval_UntilKept()
    {
        var checkpoint = HeadCheckpoint.Open(Folder, new byte[32], TimeProvider.System, TimeSpan.FromHours(1));
        Assert.False(checkpoint.IsDue);
        Assert.True(Open(1).IsDue);
    }

    [Fact]
    public void Hash_AnySettingOrDatum_ChangesIt()
    {
        using var set = FeatureCloud.OneFold();
        using var otherValues = FeatureCloud.OneFold(2);
        using var otherFolds = FeatureCloud.FourFolds();
        var options = FeatureCloud.Quick;
        byte[][] hashes =
        [
            HeadRun.Hash(set, [options], CalibrationTarget.MaxF1, CPU), HeadRun.Hash(otherValues, [options], CalibrationTarget.MaxF1, CPU),
            HeadRun.Hash(otherFolds, [options], CalibrationTarget.MaxF1, CPU),
            HeadRun.Hash(set, [options with { Seed = 2 }], CalibrationTarget.MaxF1, CPU),
            HeadRun.Hash(set, [options with { Loss = options.Loss! with { Temperature = .1 } }], CalibrationTarget.MaxF1, CPU),
            HeadRun.Hash(
                set, [options with { Loss = options.Loss! with { CpfParameters = new() { Psi = .3 } } }], CalibrationTarget.MaxF1, CPU),
            HeadRun.Hash(set, [options with { Threads = 2 }], CalibrationTarget.MaxF1, CPU),
            HeadRun.Hash(set, [options, options], CalibrationTarget.MaxF1, CPU),
            HeadRun.Hash(set, [options], CalibrationTarget.AtLeast(.9), CPU),
            HeadRun.Hash(set, [options], CalibrationTarget.MaxF1, CPU, HeadStart.Frozen(2)),
        ];
        Assert.Equal(hashes.Length, hashes.Select(Convert.ToHexString).Distinct().Count());
        using var same = FeatureCloud.OneFold();
        Assert.Equal(hashes[0], HeadRun.Hash(same, [options with { }], CalibrationTarget.MaxF1, CPU));
    }

    private HeadCheckpoint Open(byte run) =>
        HeadCheckpoint.Open(Folder, [.. Enumerable.Repeat(run, 32)], TimeProvider.System, TimeSpan.Zero);
}
