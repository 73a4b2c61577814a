using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Offline;

/// <summary>The verbs that need no services. Exit codes: 0 done, 1 done with refused inputs, 2 wrong usage or unusable file, 3 broken infrastructure or interrupted, 5 too little data.</summary>
internal static class OfflineCommand
{
    private const string Usage = """
        usage:
          backbone add IN.onnx OUT.onnx --size 224|HxW --resize squash|shorter-side --mean R,G,B --std R,G,B --feature OUTPUT
                       [--provenance TEXT]      write the metadata a backbone needs into a plain ONNX file
          backbone bundled OUT_DIR --images FOLDER [--seed 1] [--epochs 100] [--checkpoint DIR]
                                                train the bundled model again and write it with its report; resumes from DIR
          backbone resnet OUT.onnx [--size 64] [--seed 1]
                                                the built-in ResNet with random weights, for train --depth full --from-scratch
          copies FOLDER OUT [--per-image 2] [--seed 1] [--every 1]
                                                write edited copies of pictures (rescaled, recompressed, cropped, watermarked)
          train --images labels.csv [--images ...] --backbone F.onnx --out DIR [--depth head|full] [--loss cpf|normsoftmax|arcface|multisimilarity|proxyanchor|none]
                [--preset default|cub|cars|sop|shopee] [--seed 1] [--epochs 40] [--dim 256] [--head-rate R] [--centre-rate R] [--backbone-rate R] [--from-scratch] [--classes-per-batch 64]
                [--pictures-per-class 4] [--precision P] [--catalogue PICTURES] [--checkpoint DIR] [--json]
                                                train a model and its one threshold: backbone.onnx, head.onnx, report.json, report.html;
                                                interrupted, the same command goes on from where it stopped
          train --unlabelled --images FOLDER --backbone F.onnx --out DIR [--epochs 30] [--seed 1] [--from-scratch]
                                                the same without labels: copies of a picture are what must match
          evaluate --images labels.csv [--images ...] --model DIR [--split train|val|test] [--seed 1] [--json]
                                                measure a model on labelled pictures; distractors are always in the gallery
        """;

    /// <summary>True when the first argument is a verb, known or not, or asks for help; the service takes only <c>--Key value</c>.</summary>
    public static bool IsNamedBy(string[] args) => args.Length > 0 && (args[0] is "--help" or "-h" || !args[0].StartsWith('-'));

    public static int Run(string[] args, TextWriter output, TextWriter error, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return args switch
            {
                _ when args.Contains("--help") || args.Contains("-h") => Say(output, Usage, 0),
                ["backbone", "add", .. var rest] => BackboneAdd.Run(Arguments.Parse(rest, 2, "size", "resize", "mean", "std", "feature", "provenance"), output),
                ["backbone", "bundled", .. var rest] => BackboneBundled.Run(Arguments.Parse(rest, 1, "images", "seed", "epochs", "checkpoint"), output, time, cancellationToken),
                ["backbone", "resnet", .. var rest] => BackboneResNet.Run(Arguments.Parse(rest, 1, "size", "seed"), output),
                ["copies", .. var rest] => CopiesCommand.Run(Arguments.Parse(rest, 2, "per-image", "seed", "every"), output, error, time, cancellationToken),
                ["train", .. var rest] => TrainCommand.Run(Arguments.Parse(rest, 0, TrainCommand.Options, TrainCommand.Flags), output, error, time, cancellationToken),
                ["evaluate", .. var rest] => EvaluateCommand.Run(
                    Arguments.Parse(rest, 0, ["images", "model", "split", "seed"], ["json"]), output, error, time, cancellationToken),
                ["help", ..] => Say(output, Usage, 0),
                _ => Say(error, Usage, 2),
            };
        }
        catch (UsageException e)
        {
            return Say(error, $"{e.Message}{Environment.NewLine}{Usage}", 2);
        }
        catch (Exception e) when (e is ModelFileException or DirectoryNotFoundException or FileNotFoundException or UnauthorizedAccessException
            or InvalidDataException or LabelledSetException or LossIsNotFiniteException or TorchUnavailableException)
        {
            return Say(error, e.Message, 2);
        }
        catch (TooLittleDataException e)
        {
            return Say(error, e.Message, 5);
        }
        catch (IOException e)
        {
            return Say(error, e.Message, 3);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Say(error, "interrupted", 3);
        }
    }

    private static int Say(TextWriter writer, string text, int exitCode)
    {
        writer.WriteLine(text);
        return exitCode;
    }
}
