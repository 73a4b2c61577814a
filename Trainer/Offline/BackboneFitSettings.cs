using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Options of <c>backbone fit</c>.</summary>
internal sealed class BackboneFitSettings : CommandSettings
{
    [CommandArgument(0, "<BACKBONE.onnx>")]
    [Description("Backbone with its metadata.")]
    public string Backbone { get; init; } = "";

    [CommandArgument(1, "<OUT>")]
    [Description("Folder to write head.onnx and report.json to.")]
    public string Out { get; init; } = "";

    [CommandOption("--images <FOLDER>", isRequired: true)]
    [Description("Calibration pictures; a labels.csv in it or beside it keeps pictures of one product apart.")]
    public string Images { get; init; } = "";

    [CommandOption("--also <FOLDER>")]
    [Description("With --fit-head: pictures that the head is fitted to as well, but not the threshold; may be given several times.")]
    public string[] Also { get; init; } = [];

    [CommandOption("--fit-head")]
    [Description("Fit a head to the pictures; else it is the feature at unit length.")]
    public bool FitHead { get; init; }

    [CommandOption("--dim <N>")]
    [Description("With --fit-head: values of an embedding, at most 256 unless it is given.")]
    [Range(2, 4_000)]
    public int? Dim { get; init; }

    [CommandOption("--precision <P>")]
    [Description("Precision that the threshold has to reach on edited copies.")]
    [Range(.5, .9999)]
    [DefaultValue(.95)]
    public double Precision { get; init; } = .95;

    [CommandOption("--pictures <N>")]
    [Description("Maximum number of pictures taken from a folder, spread evenly.")]
    [Range(1, int.MaxValue)]
    [DefaultValue(1_000)]
    public int Pictures { get; init; } = 1_000;

    [CommandOption("--copies <N>")]
    [Description("Edited copies of each picture.")]
    [Range(1, 17)]
    [DefaultValue(3)]
    public int Copies { get; init; } = 3;

    [CommandOption("--seed <N>")]
    [Description("Seed of the edits.")]
    [Range(0, int.MaxValue)]
    [DefaultValue(1)]
    public int Seed { get; init; } = 1;
}
