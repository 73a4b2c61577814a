using CpfPipeline.CommandLine;
using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>backbone fit</c>: what the service does at its first start with a backbone, into a folder.</summary>
internal static class BackboneFit
{
    public static int Run(BackboneFitSettings settings, OfflineConsole console, CancellationToken cancellationToken)
    {
        if (settings.Also.Length > 0 && !settings.FitHead)
        {
            throw new UsageException("--also has no effect without --fit-head");
        }

        if (settings.Dim is not null && !settings.FitHead)
        {
            throw new UsageException("--dim has no effect without --fit-head");
        }

        var (backbone, pictures) = (BackboneFile.Load(settings.Backbone), PictureFolder.Read(settings.Images));
        using var line = new ProgressLine(console.Error, console.Time);
        var options = new FirstModelOptions
        {
            Precision = settings.Precision, MaxPictures = settings.Pictures, Seed = settings.Seed, FitsHead = settings.FitHead,
            CopiesEach = settings.Copies, EmbeddingDim = settings.Dim,
        };
        using var decoders = console.OpenDecoders();
        var model = new FirstModelFit(decoders).Fit(
            backbone, pictures, options, new Lines(line), cancellationToken, [.. settings.Also.Select(PictureFolder.Read)]);
        line.Dispose();
        Directory.CreateDirectory(settings.Out);
        File.WriteAllBytes(Path.Combine(settings.Out, ModelFolder.HeadName), model.Head.Bytes.Span);
        File.WriteAllText(Path.Combine(settings.Out, ModelFolder.ReportName), model.ReportJson + "\n");
        console.Output.WriteLine(model.ReportJson);
        return 0;
    }

    private sealed class Lines(ProgressLine line) : IProgress<PreparedPictures>
    {
        public void Report(PreparedPictures value) =>
            line.Report("features of pictures and copies", (double)value.Done / Math.Max(1, value.All));
    }
}
