using System.Globalization;
using CpfPipeline.Trainer.Bundling;
using CpfPipeline.Trainer.Graphs;
using CpfPipeline.Trainer.Initial;
using CpfPipeline.Trainer.LabelledSets;
using CpfPipeline.Trainer.Training;
using CpfPipeline.Vision;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>backbone bundled</c>: trains the bundled model from scratch on a folder of pictures.</summary>
internal static class BackboneBundled
{
    public static int Run(Arguments arguments, TextWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        var pictures = PictureFolder.Read(arguments.Required("images")).Pictures.Where(p => p.Label is not null).ToList();
        var seed = arguments.Number("seed", 1, 0);
        var options = BundledRecipe.Options(seed, arguments.Number("epochs", 60, 1));
        var start = BackboneFile.Load(ResNetBackbone.Write(BundledRecipe.Graph, seed), "the new backbone");
        var train = Of(pictures.Where(p => ClassSplit.IsTrain(p.Label!) && !ClassSplit.IsCalibration(p.Label!)));
        var validation = Of(pictures.Where(p => ClassSplit.IsTrain(p.Label!) && ClassSplit.IsCalibration(p.Label!)));
        var result = FullTraining.Run(start, "the new backbone", train, validation, options, arguments.Optional("checkpoint"), new Lines(output, time), time, cancellationToken);
        Directory.CreateDirectory(arguments[0]);
        File.WriteAllBytes(Path.Combine(arguments[0], "backbone.onnx"), result.Backbone);
        return 0;
    }

    private static List<TrainingPicture> Of(IEnumerable<PictureFolder.Picture> pictures)
    {
        var list = pictures.ToList();
        var classes = list.Select(p => p.Label!).Distinct(StringComparer.Ordinal).Select((label, i) => (label, i)).ToDictionary(c => c.label, c => c.i, StringComparer.Ordinal);
        return [.. list.Select(p => new TrainingPicture(p.Path, classes[p.Label!]))];
    }

    private sealed class Lines(TextWriter output, TimeProvider time) : IProgress<TrainingProgress>
    {
        private readonly long _start = time.GetTimestamp();

        public void Report(TrainingProgress value)
        {
            if (value.Stage != "training" || value.Step % 20 == 0)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{time.GetElapsedTime(_start).TotalSeconds,6:0} s  {value.Stage} {value.Step}/{value.Steps}  loss {value.Loss:0.0000}  validation F1 {value.ValidationF1:0.0000}"));
            }
        }
    }
}
