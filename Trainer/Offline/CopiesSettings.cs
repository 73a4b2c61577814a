using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Options of <c>copies</c>.</summary>
internal sealed class CopiesSettings : CommandSettings
{
    public const string MildEdits = "mild";
    public const string AllEdits = "all";

    [CommandArgument(0, "<FOLDER>")]
    [Description("Folder of pictures.")]
    public string Folder { get; init; } = "";

    [CommandArgument(1, "<OUT>")]
    [Description("Folder to write the copies to: a/b.png becomes a/b~EDIT.jpg.")]
    public string Out { get; init; } = "";

    [CommandOption("--per-image <N>")]
    [Description("Copies of each picture.")]
    [Range(1, int.MaxValue)]
    [DefaultValue(2)]
    public int PerImage { get; init; } = 2;

    [CommandOption("--edits <SET>")]
    [Description("What is done: mild (rescaled, recompressed, cropped, watermarked), or all (toned, padded, mirrored, ...).")]
    [AllowedValues(MildEdits, AllEdits)]
    [DefaultValue(MildEdits)]
    public string Edits { get; init; } = MildEdits;

    [CommandOption("--seed <N>")]
    [Description("Seed of the edits.")]
    [Range(0, int.MaxValue)]
    [DefaultValue(1)]
    public int Seed { get; init; } = 1;

    [CommandOption("--every <N>")]
    [Description("Take every N-th picture only.")]
    [Range(1, int.MaxValue)]
    [DefaultValue(1)]
    public int Every { get; init; } = 1;
}
