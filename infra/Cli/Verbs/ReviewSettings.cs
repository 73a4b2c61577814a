using System.ComponentModel;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

/// <summary>Options of verbs by which a person says something about pictures.</summary>
internal abstract class ReviewSettings : CommandSettings
{
    [CommandOption("--who <NAME>")]
    [Description("Who says so. Default: your user name.")]
    public string? Who { get; init; }

    [CommandOption("--note <TEXT>")]
    [Description("Why.")]
    public string? Note { get; init; }
}
