using CpfPipeline.CommandLine;
using CpfPipeline.Labels;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Offline;

/// <summary>
/// The verbs that need no services. Exit codes: 0 done, 1 done with refused inputs, 2 wrong usage or unusable file, 3 broken infrastructure
/// or interrupted, 5 too little data.
/// </summary>
internal static class OfflineCommand
{
    public static VerbProgram Program { get; } = new()
    {
        Name = "infra/cpf",
        Verbs =
        [
            Verb.Of<TrainVerb>("train", "Train a model and its one threshold on pictures. "
                + "After an interruption the same command continues. "
                + "(infra/cpf train --nightly --help: let the service train on the catalogue.)"),
            Verb.Of<EvaluateVerb>("evaluate", "Measure a model on labelled pictures: F1 at its threshold, Recall@1, groups."),
            Verb.Of<BackboneAddVerb>("backbone add", "Write the metadata that a backbone needs into a plain ONNX file."),
            Verb.Of<BackboneGetVerb>(
                "backbone get",
                "Fetch a network of the Hugging Face hub and make a backbone of it. After an interruption the same command continues."),
            Verb.Of<BackboneListVerb>("backbone list", "List the short names that backbone get knows."),
            Verb.Of<BackboneResNetVerb>(
                "backbone resnet", "Write the built-in ResNet with random weights, for train --depth full --from-scratch."),
            Verb.Of<BackboneDefaultVerb>("backbone default", "Write the backbone that a fresh system starts with: ResNet-18, ImageNet."),
            Verb.Of<BackboneFitVerb>(
                "backbone fit", "Make head and threshold for a backbone from edited copies of pictures, as a first start does."),
            Verb.Of<CopiesVerb>("copies", "Write edited copies of pictures: rescaled, cropped, watermarked and so on."),
        ],
        Branches = new Dictionary<string, string> { ["backbone"] = "Make a backbone: the ONNX network that turns pixels into features." },
        Interrupted = 3,
        Explain = Explain,
    };

    /// <summary>True when the first word is a verb, known or not, or asks for help; the service takes only <c>--Key value</c>.</summary>
    public static bool IsNamedBy(string[] args) =>
        args.Length > 0 && (args[0] is "--help" or "-h" or "--version" || !args[0].StartsWith('-'));

    /// <summary>Runs a verb within this process.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="output">Takes results.</param>
    /// <param name="error">Takes everything else.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Interrupts.</param>
    /// <param name="stateFolder">Where what may be of use to later runs is kept; null: nowhere.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error, TimeProvider time, CancellationToken cancellationToken,
        string? stateFolder = null) =>
        Program.RunAsync(
            args, output, error, services => services.RegisterInstance(new OfflineConsole(output, error, time, stateFolder)),
            cancellationToken).GetAwaiter().GetResult();

    private static ProgramFailure? Explain(Exception exception) => exception switch
    {
        ModelFileException or DirectoryNotFoundException or FileNotFoundException or UnauthorizedAccessException or InvalidDataException
            or LabelsFileException or LossIsNotFiniteException or TorchUnavailableException => new(
                VerbProgram.WrongUsage, exception.Message),
        TooLittleDataException => new(5, exception.Message),
        IOException => new(3, exception.Message),
        _ => null,
    };
}
