using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Options of <c>train</c>. Null where nothing was given: what holds then depends on the depth.</summary>
internal sealed class TrainSettings : CommandSettings
{
    [CommandOption("--images <LABELS.CSV>", true)]
    [Description("Labels file or its folder; give it several times for several sets. With --unlabelled: a folder of pictures, once.")]
    public string[] Images { get; init; } = [];

    [CommandOption("--backbone <FILE>", true)]
    [Description("ONNX backbone with its metadata; \"backbone add\" writes them.")]
    public string Backbone { get; init; } = "";

    [CommandOption("--out <DIR>", true)]
    [Description("Model folder to write: backbone.onnx, head.onnx, report.json, report.html.")]
    public string Out { get; init; } = "";

    [CommandOption("--depth <DEPTH>")]
    [Description("What is trained: head, or full (the backbone too). Default: head; with --unlabelled: full.")]
    [AllowedValues("head", "full")]
    public string? Depth { get; init; }

    [CommandOption("--unlabelled")]
    [Description("Train without labels: copies of a picture are what must match.")]
    public bool Unlabelled { get; init; }

    [CommandOption("--loss <NAME>")]
    [Description("cpf, normsoftmax, arcface, multisimilarity or proxyanchor; none trains nothing (depth head only). Default: cpf.")]
    public string? Loss { get; init; }

    [CommandOption("--preset <NAME>")]
    [Description("Parameters of cpf: default, cub, cars, sop, shopee or steep. Default: shopee.")]
    public string? Preset { get; init; }

    [CommandOption("--seed <N>")]
    [Description("Seed of batches, augmentation, random weights and bootstrap. Default: 1.")]
    [Range(0, int.MaxValue)]
    public int? Seed { get; init; }

    [CommandOption("--epochs <N>")]
    [Description("Maximum number of epochs; an epoch draws as many pictures as there are. Default: 40 for a head, 30 for a backbone.")]
    [Range(1, int.MaxValue)]
    public int? Epochs { get; init; }

    [CommandOption("--dim <D>")]
    [Description("Values of an embedding, 2 to 4000. Default: 256.")]
    [Range(2, int.MaxValue)]
    public int? Dim { get; init; }

    [CommandOption("--head-rate <R>")]
    [Description("Learning rate of the head's projection, 0 to 10. Default: 0.003.")]
    [Range(0d, 10d)]
    public double? HeadRate { get; init; }

    [CommandOption("--centre-rate <R>")]
    [Description("Learning rate of the class centres, 0 to 10. Default: 0.01.")]
    [Range(0d, 10d)]
    public double? CentreRate { get; init; }

    [CommandOption("--backbone-rate <R>")]
    [Description("Learning rate of the backbone, 0 to 1, at depth full. Default: 0.0001; 0.003 with --from-scratch.")]
    [Range(0d, 1d)]
    public double? BackboneRate { get; init; }

    [CommandOption("--from-scratch")]
    [Description("Depth full for a backbone with random weights: BatchNorm statistics are learnt, too.")]
    public bool FromScratch { get; init; }

    [CommandOption("--classes-per-batch <K>")]
    [Description("Classes in a batch. Default: 64 for a head, 32 for a backbone.")]
    [Range(2, int.MaxValue)]
    public int? ClassesPerBatch { get; init; }

    [CommandOption("--pictures-per-class <M>")]
    [Description("Pictures of each class in a batch. Default: 4 for a head, 2 for a backbone.")]
    [Range(1, int.MaxValue)]
    public int? PicturesPerClass { get; init; }

    [CommandOption("--precision <P>")]
    [Description("Choose the lowest threshold with this precision, 0.01 to 0.9999. Default: the threshold with the best F1.")]
    [Range(.01, .9999)]
    public double? Precision { get; init; }

    [CommandOption("--catalogue <PICTURES>")]
    [Description("Pictures of the catalogue that the threshold is for. Default: the test pictures and distractors of each set.")]
    [Range(2, int.MaxValue)]
    public int? Catalogue { get; init; }

    [CommandOption("--checkpoint <DIR>")]
    [Description("Where an interrupted training is kept. Default: .training in the model folder.")]
    public string? Checkpoint { get; init; }

    [CommandOption("--feature-cache <MEGABYTES>")]
    [Description("What features may take that are kept in the state folder for later runs; 0 keeps none. Default: 1024.")]
    [Range(0, 1_000_000)]
    [DefaultValue(1024)]
    public int FeatureCacheMegabytes { get; init; } = 1024;

    [CommandOption("--json")]
    [Description("Print report.json to standard output.")]
    public bool Json { get; init; }
}
