using CpfPipeline.Learning.ModelFolders;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Offline;

/// <summary>Runs of <c>train</c> on small pictures, within this process, in a folder of their own.</summary>
internal sealed class TrainRuns(TrainingPictures pictures) : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("cpf-integration-").FullName;

    /// <summary>Where the model comes.</summary>
    public string Out => Path.Combine(Folder, "model");

    /// <summary>What an interrupted run keeps.</summary>
    public string Kept => Path.Combine(Out, ".training");

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string[] Arguments(string labels, string folder) =>
    [
        "train", "--images", labels, "--backbone", pictures.Backbone, "--out", folder, "--epochs", "3", "--classes-per-batch", "4",
        "--pictures-per-class", "2",
        "--dim", "8",
    ];

    public CommandRun Train(params string[] more) => Run([.. Arguments(pictures.Labels, Out), .. more]);

    public static CommandRun Run(params string[] args) => Run(args, TimeProvider.System, TestContext.Current.CancellationToken);

    public static CommandRun Run(string[] args, TimeProvider time, CancellationToken cancellationToken)
    {
        var run = CommandRun.Of(args, time, cancellationToken);

        // The first line names the device, which differs between machines.
        return run with
        {
            Error = string.Join(
                '\n', run.Error.Split('\n').Where(l => !l.StartsWith("training on ", StringComparison.Ordinal))),
        };
    }

    /// <summary>Fails unless a run ended with that code, said that, and made no model.</summary>
    public void Refused(int expected, string part, CommandRun result)
    {
        Assert.Equal((expected, ""), (result.Code, result.Output));
        Assert.Contains(part, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.False(File.Exists(Path.Combine(Out, ModelFolder.ReportName)));
    }
}
