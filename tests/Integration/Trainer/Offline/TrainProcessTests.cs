using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Offline;

/// <summary>The command as a process that receives a signal to end.</summary>
public sealed class TrainProcessTests(TrainingPictures pictures) : IClassFixture<TrainingPictures>, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-integration-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("head", HeadCheckpoint.FileName, "400")]
    [InlineData("full", FullCheckpoint.FileName, "30")]
    public async Task Train_Terminated_KeepsWhatIsDoneAndGoesOnToTheSameModel(string depth, string checkpoint, string epochs)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals");
        var (whole, stopped) = (Path.Combine(_folder, "whole"), Path.Combine(_folder, "stopped"));
        var kept = Path.Combine(stopped, ".training", checkpoint);
        var first = await RunAsync(Arguments(depth, epochs, whole), null);
        Assert.True(first.Code == 0, first.Error);

        var second = await RunAsync(Arguments(depth, epochs, stopped), kept);
        Assert.True(second.Code == 3, $"{second.Code}: {second.Error}");
        Assert.Contains("run the same command again to go on from here", second.Error);
        Assert.True(File.Exists(kept));
        Assert.False(File.Exists(Path.Combine(stopped, ModelFolder.ReportName)));

        var third = await RunAsync(Arguments(depth, epochs, stopped), null);
        Assert.True(third.Code == 0, third.Error);
        Assert.DoesNotContain("not used", third.Error);
        Assert.False(Directory.Exists(Path.GetDirectoryName(kept)));
        foreach (var name in new[] { ModelFolder.BackboneName, ModelFolder.HeadName })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, name)), File.ReadAllBytes(Path.Combine(stopped, name)));
        }

        Assert.Equal(Report(whole), Report(stopped));
    }

    private static string Report(string folder) => string.Join(
        '\n', File.ReadLines(Path.Combine(folder, ModelFolder.ReportName))
            .Where(l => !l.Contains("\"seconds\"", StringComparison.Ordinal)));

    private string[] Arguments(string depth, string epochs, string folder) =>
    [
        "train", "--images", pictures.Labels, "--backbone", pictures.Backbone, "--out", folder, "--depth", depth, "--epochs", epochs,
        "--classes-per-batch", "4",
        "--pictures-per-class", "2", "--dim", "8",
    ];

    /// <param name="arguments">Of the trainer.</param>
    /// <param name="until">A file; once it is there the process gets the signal. Null: it runs to its end.</param>
    private static async Task<CommandRun> RunAsync(string[] arguments, string? until)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Trainer(), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            if (until is not null)
            {
                while (!File.Exists(until) && !process.HasExited)
                {
                    await Task.Delay(Pause, limit.Token);
                }

                using var kill = Process.Start("/bin/sh", ["-c", "kill -s TERM \"$0\"", process.Id.ToString(CultureInfo.InvariantCulture)]);
                await kill.WaitForExitAsync(limit.Token);
            }

            await process.WaitForExitAsync(limit.Token);
            return new CommandRun(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private static string Trainer() => Path.Combine(Repository.Root(), "Trainer", "bin", "Release", "net10.0", "CpfPipeline.Trainer.dll");
}
