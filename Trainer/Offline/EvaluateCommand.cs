using System.Globalization;
using System.Text.Json;
using CpfPipeline.Labels;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>evaluate</c>: a model directory on a split of labelled pictures, as figures for a person or as one JSON object.</summary>
internal static class EvaluateCommand
{
    private const int RefusedShown = 5;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static int Run(EvaluateSettings settings, OfflineConsole console, CancellationToken cancellationToken)
    {
        var (output, error, time, _) = console;
        var start = time.GetTimestamp();
        var split = settings.Split switch
        {
            "train" => LabelledSplit.Train,
            "val" => LabelledSplit.Validation,
            _ => LabelledSplit.Test,
        };
        var model = ModelFolder.Read(settings.Model);
        var set = LabelledSet.Read(settings.Images, split);

        using var progress = new ProgressLine(error, time);
        var pictures = EmbeddedSplit.PicturesOf(set, split);
        var (embeddings, refused) = Embed(model, pictures, progress, settings, console, cancellationToken);
        var embedded = EmbeddedSplit.Of(pictures, embeddings);
        if (embedded.Set.PositivePairs == 0)
        {
            progress.Dispose();
            WriteRefused(pictures, refused, error);
            throw new TooLittleDataException(
                $"of {pictures.Count} pictures {refused.Count} cannot be used; no two of one class are left to test on");
        }

        var figures = ModelEvaluation.Measure(
            embedded.Set, model.Threshold, embedded.Labels, settings.Seed, new StepLine(progress), cancellationToken).Figures;
        progress.Dispose();
        WriteRefused(pictures, refused, error);
        var seconds = time.GetElapsedTime(start).TotalSeconds;
        if (settings.Json)
        {
            var json = FiguresJson.Of(figures);
            json["split"] = SplitWords.Of(split);
            json["refused"] = refused.Count;
            json["seconds"] = Math.Round(seconds, 3);
            output.WriteLine(json.ToJsonString(Indented));
        }
        else
        {
            FiguresTable.Write(output, figures, SplitWords.Of(split), refused.Count, seconds);
        }

        return refused.Count == 0 ? 0 : 1;
    }

    private static (HeadEmbeddings Embeddings, List<RefusedPicture> Refused) Embed(
        ModelFolder model, IReadOnlyList<LabelledPicture> pictures, ProgressLine progress, EvaluateSettings settings,
        OfflineConsole console, CancellationToken cancellationToken)
    {
        using var backbone = new BackboneSession(model.Backbone, new SessionSettings());
        using var cache = console.FeatureFolder(settings.FeatureCacheMegabytes) is { } folder
            ? FeatureCache.Open(folder, settings.FeatureCacheMegabytes * 1_000_000L, backbone, console.Time) : null;
        using var head = new HeadSession(model.Head, new SessionSettings());
        using var decoders = console.OpenDecoders();
        var features = PictureFeatures.Compute(
            backbone, [.. pictures.Select(p => p.Path)], decoders, new Pictures(progress, pictures.Count), cancellationToken, cache);
        var embeddings = HeadEmbeddings.Compute(head, features, cancellationToken);
        return (embeddings, [.. features.Refused.Concat(embeddings.Refused).OrderBy(r => r.Picture)]);
    }

    private static void WriteRefused(IReadOnlyList<LabelledPicture> pictures, List<RefusedPicture> refused, TextWriter error)
    {
        foreach (var one in refused.Take(RefusedShown))
        {
            error.WriteLine($"{pictures[one.Picture].Name}: {one.Reason}, {one.Message}");
        }

        if (refused.Count > RefusedShown)
        {
            error.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"and {refused.Count - RefusedShown} more pictures that cannot be used"));
        }
    }

    private sealed class Pictures(ProgressLine line, int count) : IProgress<int>
    {
        public void Report(int value) => line.Report("looking at pictures", (double)value / count);
    }

    private sealed class StepLine(ProgressLine line) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => line.Report(value.Step, value.Share);
    }
}
