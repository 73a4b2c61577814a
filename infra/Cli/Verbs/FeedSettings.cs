using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Feeds;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

/// <summary>What <c>submit</c> and <c>schedules add</c> say of a feed.</summary>
internal abstract class FeedSettings : CommandSettings
{
    [CommandOption("--source <S>")]
    [Description(
        "Seller or feed that the pictures belong to. A folder, a picture and an address need it. Default for a feed's file: its name.")]
    public string? Source { get; init; }

    [CommandOption("--format <FORMAT>")]
    [Description("folder, csv, ndjson, merchant_tsv or merchant_xml. Default: by the name, and by the header of .tsv and .txt.")]
    [AllowedValues("folder", "csv", "ndjson", "merchant_tsv", "merchant_xml")]
    public string? Format { get; init; }

    [CommandOption("--keys <LABELS.CSV>")]
    [Description("Product keys of a folder's pictures.")]
    public string? Keys { get; init; }

    [CommandOption("--snapshot")]
    [Description("Retract what the source no longer lists. Refused (exit code 4) when that is over 20 % of its live images.")]
    public bool Snapshot { get; init; }

    [CommandOption("--max-retract <SHARE>")]
    [Description("With --snapshot: the share of the live images that may go, such as 0.3 or 30%.")]
    public string? MaxRetract { get; init; }

    /// <summary>The feed at a path or address.</summary>
    /// <exception cref="CommandException">Wrong usage.</exception>
    public FeedBody FeedAt(string path) => FeedBody.Of(path, Source, Keys, Snapshot, Format, MaxRetract);
}
