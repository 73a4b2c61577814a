using System.Text.Json;
using CpfPipeline.Nights.Candidates;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Candidates;

public sealed class CandidateBuilderTests(TestDatabases databases)
{
    [Fact]
    public async Task MakeAsync_LabelsToLearnFrom_BetterHeadPassesWithItsReport()
    {
        await using var catalogue = await CatalogueAsync();
        var steps = new SeenSteps();

        var made = Assert.IsType<CandidateOutcome.Made>(
            await catalogue.Builder.BuildAsync(catalogue.Training, steps.Add, TestContext.Current.CancellationToken));

        Assert.True(made.Passed, made.Reason);
        Assert.Equal(["building_set", "training", "calibrating", "evaluating", "gate"], steps.Names);
        Assert.All(steps.Shares, share => Assert.InRange(share, 0, 1));
        Assert.Equal(8, made.EmbeddingDim);
        var report = JsonDocument.Parse(made.ReportJson).RootElement;
        Assert.Equal(made.Threshold, report.GetProperty("threshold").GetDouble());
        Assert.Equal("test", report.GetProperty("split").GetString());
        Assert.True(report.GetProperty("f1").GetDouble() > report.GetProperty("active").GetProperty("f1").GetDouble() + .1, made.Reason);
        Assert.Equal(10, report.GetProperty("classes").GetInt32());
        Assert.Equal(50, report.GetProperty("images").GetInt32());
        Assert.True(report.GetProperty("distractors").GetInt32() > 50);
        Assert.Equal("keys", report.GetProperty("learned_from").GetString());
        Assert.All(
            ["best_f1", "precision", "recall", "recall_at_1", "map_at_r", "bcubed_f1", "opis", "seconds", "seed", "commit", "difference",
                "gate", "candidates", "training", "similarity_histogram", "unlike"],
            name => Assert.True(report.TryGetProperty(name, out _), name));
        Assert.True(report.GetProperty("training").GetProperty("guarded").GetBoolean());
        Assert.Equal(96, report.GetProperty("unlike")[0].GetProperty("pictures").GetInt32());
        Assert.Equal(2, report.GetProperty("f1_interval").GetArrayLength());
        Assert.Equal(made.Facts.SnapshotId, report.GetProperty("snapshot_id").GetString());
        Assert.Contains("Gate: passed", made.ReportHtml, StringComparison.Ordinal);
        Assert.Contains("the active model", made.ReportHtml, StringComparison.Ordinal);
        Assert.DoesNotContain("data:image", made.ReportHtml, StringComparison.Ordinal); // A picture in it would survive its erasure.
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MakeAsync_ShuffledLabels_IsRefusedWithItsReport(bool testLabelsToo)
    {
        await using var catalogue = await CatalogueAsync();
        await catalogue.ShuffleKeysAsync(
            [ClassUse.Train, ClassUse.Validation, .. testLabelsToo ? [ClassUse.Test] : Array.Empty<ClassUse>()]);

        var made = Assert.IsType<CandidateOutcome.Made>(await BuildAsync(catalogue, catalogue.Training));

        Assert.False(made.Passed, made.ReportJson);
        Assert.False(JsonDocument.Parse(made.ReportJson).RootElement.GetProperty("gate").GetProperty("passed").GetBoolean());
        Assert.Contains("Gate: refused", made.ReportHtml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MakeAsync_NoTestPairs_SaysWhatIsMissing()
    {
        await using var catalogue = await NightCatalogue.CreateAsync(await databases.CreateAsync());
        await catalogue.AddAsync((20, 10, 1));
        var steps = new SeenSteps();

        var outcome = await catalogue.Builder.BuildAsync(catalogue.Training, steps.Add, TestContext.Current.CancellationToken);

        Assert.Contains("test has 10 pairs of one product in 1 classes", Assert.IsType<CandidateOutcome.TooLittleData>(outcome).Reason,
            StringComparison.Ordinal);
        Assert.Contains("Nor are there pictures enough", ((CandidateOutcome.TooLittleData)outcome).Reason, StringComparison.Ordinal);
        Assert.Equal(["building_set"], steps.Names);
        Assert.Equal(155, JsonDocument.Parse(outcome.Facts.CountsJson).RootElement.GetProperty("labelled").GetInt32());
    }

    [Fact]
    public async Task MakeAsync_EmptyCatalogue_TooLittleData()
    {
        await using var catalogue = await NightCatalogue.CreateAsync(await databases.CreateAsync());
        Assert.IsType<CandidateOutcome.TooLittleData>(await BuildAsync(catalogue, catalogue.Training));
        Assert.IsType<CandidateOutcome.TooLittleData>(
            await BuildAsync(catalogue, catalogue.Training with { Kind = TrainingRunKind.Threshold }));
    }

    [Fact]
    public async Task MakeAsync_StoppedWhileTrainingAndContentsArrive_SameHeadToTheByte()
    {
        await using var catalogue = await CatalogueAsync();
        var expected = Assert.IsType<CandidateOutcome.Made>(
            await BuildAsync(catalogue, catalogue.Training with { WorkFolder = catalogue.WorkFolder + " 2" }));
        using var stop = new CancellationTokenSource();
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => catalogue.Builder.BuildAsync(catalogue.Training, (step, _, _) =>
        {
            if (step == TrainingRunStep.Training && ++seen == 6)
            {
                stop.Cancel();
            }
        }, stop.Token));
        await catalogue.AddAsync((3, 1, 1));

        var resumed = new SeenSteps();
        var made = Assert.IsType<CandidateOutcome.Made>(
            await catalogue.Builder.BuildAsync(catalogue.Training, resumed.Add, TestContext.Current.CancellationToken));

        Assert.Equal(expected.Facts, made.Facts);
        Assert.Equal(expected.Head, made.Head);
        Assert.Equal(expected.Threshold, made.Threshold);
        Assert.Equal(expected.HeadSha256, made.HeadSha256);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(made.Head), made.HeadSha256);

        // A separate run sees them.
        Assert.NotEqual(made.Facts.SnapshotId,
            (await BuildAsync(catalogue, catalogue.Training with { WorkFolder = catalogue.WorkFolder + " 3" })).Facts.SnapshotId);
    }

    [Fact]
    public async Task MakeAsync_AContentLeavesBetweenStopAndResume_ItIsNotTrainedOn()
    {
        await using var catalogue = await CatalogueAsync();
        var before = (await BuildAsync(catalogue, catalogue.Training)).Facts;
        await catalogue.Database.ExecuteAsync(
            "update cpf.images set state = 'retracted' where content_id = (select min(content_id) from cpf.contents)");
        var after = (await BuildAsync(catalogue, catalogue.Training)).Facts;
        Assert.NotEqual(before.SnapshotId, after.SnapshotId);
        Assert.Equal(Labelled(before) - 1, Labelled(after));
    }

    [Fact]
    public async Task MakeAsync_ThresholdForAPrecision_ActiveHeadAtAHigherThreshold()
    {
        await using var catalogue = await NightCatalogue.CreateAsync(await databases.CreateAsync(), threshold: .5);
        await catalogue.AddAsync((10, 60, 60));
        await catalogue.Database.ExecuteAsync("delete from cpf.features where content_id % 100 <> 0"); // They are not read.
        await catalogue.Database.ExecuteAsync(
            """
            insert into cpf.features select $1, content_id, (select feature from cpf.features limit 1)
                from cpf.contents on conflict do nothing
            """, catalogue.Active.BackboneId);
        var request = catalogue.Training with { Kind = TrainingRunKind.Threshold, TargetPrecision = .9, Margin = .1 };

        var made = Assert.IsType<CandidateOutcome.Made>(await BuildAsync(catalogue, request));

        Assert.Equal(catalogue.Active.HeadSha256, made.HeadSha256);
        Assert.Equal(NightCatalogue.FeatureDim, made.EmbeddingDim);
        Assert.True(made.Threshold > .5);
        var report = JsonDocument.Parse(made.ReportJson).RootElement;
        Assert.Equal(.5, report.GetProperty("active").GetProperty("threshold").GetDouble());
        Assert.Equal(made.Passed, report.GetProperty("precision")
            .GetDouble() >= .8 && report.GetProperty("calibration").GetProperty("reached").GetBoolean());
        var f1 = Assert.IsType<CandidateOutcome.Made>(await BuildAsync(catalogue, request with { TargetPrecision = null }));
        Assert.True(f1.Passed, f1.Reason);
        Assert.True(f1.Threshold < made.Threshold, "the most F1 is had with less precision here");
    }

    [Fact]
    public async Task MakeAsync_TwoSourcesSellTheSameUnderKeysOfTheirOwn_NeitherCostsTheOther()
    {
        // The same products twice, as keys of one source and of another: a model that takes two keys for two products learns that nothing
        // matches.
        await using var catalogue = await NightCatalogue.CreateAsync(await databases.CreateAsync());
        await catalogue.AddAsync((60, 15, 15), "one");
        await catalogue.Database.ExecuteAsync(
            """
            update cpf.images
            set product_key = 'other ' || product_key, source = 'two', image_id = gen_random_uuid()
            where content_id % 100 > 2
            """);

        var made = Assert.IsType<CandidateOutcome.Made>(await BuildAsync(catalogue, catalogue.Training));

        var report = JsonDocument.Parse(made.ReportJson).RootElement;
        Assert.True(report.GetProperty("precision").GetDouble() > .6, made.Reason);
        Assert.True(made.Passed, made.Reason);
    }

    [Fact]
    public async Task MakeAsync_CancelledAtEachStep_StopsSoon()
    {
        await using var catalogue = await CatalogueAsync();
        string[] steps =
        [
            TrainingRunStep.BuildingSet, TrainingRunStep.Training, TrainingRunStep.Calibrating, TrainingRunStep.Evaluating,
        ];
        foreach (var at in steps)
        {
            using var stop = new CancellationTokenSource();
            var late = 0;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                catalogue.Builder.BuildAsync(catalogue.Training with { WorkFolder = catalogue.WorkFolder + at }, (step, _, _) =>
            {
                late += stop.IsCancellationRequested && step != at ? 1 : 0;
                if (step == at)
                {
                    stop.Cancel();
                }
            }, stop.Token));
            Assert.InRange(late, 0, 1);
        }
    }

    private async Task<NightCatalogue> CatalogueAsync()
    {
        var catalogue = await NightCatalogue.CreateAsync(await databases.CreateAsync());
        await catalogue.AddAsync((60, 10, 10));
        return catalogue;
    }

    private static Task<CandidateOutcome> BuildAsync(NightCatalogue catalogue, CandidateRequest request) =>
        catalogue.Builder.BuildAsync(request, (_, _, _) => { }, TestContext.Current.CancellationToken);

    private static int Labelled(TrainingSetFacts facts) =>
        JsonDocument.Parse(facts.CountsJson).RootElement.GetProperty("labelled").GetInt32();

    private sealed class SeenSteps
    {
        private readonly Lock _gate = new();

        public List<string> Names { get; } = [];

        public List<double> Shares { get; } = [];

        public void Add(string step, double share, string message)
        {
            lock (_gate)
            {
                Shares.Add(share);
                if (Names.LastOrDefault() != step)
                {
                    Names.Add(step);
                }
            }
        }
    }
}
