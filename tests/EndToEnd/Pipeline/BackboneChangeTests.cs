using System.Globalization;
using System.Text.RegularExpressions;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using CpfPipeline.Vision.Models;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>Another backbone for a pipeline that is in use.</summary>
public sealed class BackboneChangeTests
{
    [Fact]
    public async Task Up_WithAnotherBackbone_HandsOverWithoutReadersNoticingRollsBackAndTakesItAsFiles()
    {
        var folder = Directory.CreateTempSubdirectory("cpf-e2e-backbone-").FullName;
        var calibration = Directory.CreateDirectory(Path.Combine(folder, "calibration")).FullName;
        PictureFolder.Fill(calibration, "openmoji", 150, skip: 60);
        var settings = new Dictionary<string, string> { ["Trainer__CalibrationFolder"] = calibration };
        await using var stack = await Stack.UpAsync(settings);
        try
        {
            var feed = PictureFolder.FillWithKeys(folder, 50, "google", "twitter");
            (await stack.RunAsync("submit", feed, "--source", "feed")).Expect(0);
            var before = await stack.GroupsAsync();
            await using var watch = new ViewWatch(stack);

            // A file that is not a backbone is reported at once, and the pipeline goes on.
            settings["CPF_BACKBONE"] = feed;
            Assert.Contains(feed, (await stack.RunAsync("up")).Expect(3).Errors, StringComparison.Ordinal);
            Assert.Equal(before, await stack.GroupsAsync());

            settings["CPF_BACKBONE"] = await OtherBackboneAsync(folder);
            (await stack.RunAsync("up")).Expect(0);
            await Stack.UntilAsync(
                async () => (await stack.QueryAsync<string>("select state from cpf.training_runs where trigger = 'start'"))
                    .SequenceEqual(["finished"]), "the backbone is handed over to",
                TimeSpan.FromMinutes(3));

            Assert.Equal(
                [Convert.ToHexStringLower(BackboneFile.Load(settings["CPF_BACKBONE"]).Sha256.Span)],
                await stack.QueryAsync<string>(
                    """
                    select encode(b.sha256, 'hex') from cpf.models m join cpf.heads using (head_id)
                        join cpf.backbones b using (backbone_id) where m.state = 'active'
                    """));
            Assert.Equal([100L], await stack.QueryAsync<long>("select count(*) from cpf.image_status where status = 'matched'"));
            var under = await stack.GroupsAsync();
            Assert.NotEqual(before, under);
            var exported = Path.Combine(folder, "exported");
            var model = (await stack.QueryAsync<long>("select model_id from cpf.models where state = 'active'")).Single();
            (await stack.RunAsync("models", "export", model.ToString(CultureInfo.InvariantCulture), exported)).Expect(0);

            // After a rollback the next start must not bring the backbone again.
            (await stack.RunAsync("rollback", "--wait")).Expect(0);
            Assert.Equal(before, await stack.GroupsAsync());
            await stack.KillAsync("Trainer");
            (await stack.RunAsync("up")).Expect(0);
            Assert.Equal([2L], await stack.QueryAsync<long>("select count(*) from cpf.training_runs where state = 'finished'"));
            Assert.Equal([2L], await stack.QueryAsync<long>("select count(*) from cpf.training_runs"));
            Assert.Equal(before, await stack.GroupsAsync());

            // As files it is another model as soon as its report differs, and gives the same groups.
            var report = Path.Combine(exported, "report.json");
            await File.WriteAllTextAsync(report, """{"note": "mine", """ + (await File.ReadAllTextAsync(report))[1..]);
            (await stack.RunAsync("models", "import", exported, "--wait")).Expect(0);
            Assert.Equal(WithoutModel(under), WithoutModel(await stack.GroupsAsync()));
            Assert.Equal(
                ["imported"], await stack.QueryAsync<string>("select kind from cpf.model_history where state = 'active' and model_id > 2"));
            Assert.Empty(await watch.StopAsync());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string WithoutModel(string groups) => Regex.Replace(groups, "\"model_id\":\"?[0-9]+\"?", "");

    // A small network with random weights: another file, other features.
    private static async Task<string> OtherBackboneAsync(string folder)
    {
        var path = Path.Combine(folder, "other.onnx");
        (await Cli.RunAsync(Cli.Trainer, new Dictionary<string, string>(), "backbone", "resnet", path)).Expect(0);
        return path;
    }
}
