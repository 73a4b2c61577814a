using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Review;
using CpfPipeline.Cli.Services;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class VerdictVerb : AsyncCommand<VerdictVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var verdict = new VerdictBody(
            PictureWords.Of(settings.SourceA, settings.IdA), PictureWords.Of(settings.SourceB, settings.IdB), settings.Verdict, settings.Who ?? Environment.UserName, settings.Note);
        using var matcher = ServiceClient.Of(await RunningInstallation.FindOrStartAsync(cancellationToken), "Matcher");
        var answer = await new ReviewClient(matcher).GiveVerdictAsync(verdict, cancellationToken);
        Console.WriteLine(settings.Json ? JsonSerializer.Serialize(answer, ServiceClient.Json) : answer.Tell());
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<VERDICT>")]
        [Description("same, different, or withdrawn.")]
        [AllowedValues("same", "different", "withdrawn")]
        public string Verdict { get; init; } = "";

        [CommandArgument(1, "<SOURCE_A>")]
        [Description("Source of the first image; or the word content.")]
        public string SourceA { get; init; } = "";

        [CommandArgument(2, "<ID_A>")]
        [Description("Its external id; after content: the SHA-256 of its bytes.")]
        public string IdA { get; init; } = "";

        [CommandArgument(3, "<SOURCE_B>")]
        [Description("The same for the second image.")]
        public string SourceB { get; init; } = "";

        [CommandArgument(4, "<ID_B>")]
        [Description("The same for the second image.")]
        public string IdB { get; init; } = "";

        [CommandOption("--who <NAME>")]
        [Description("Who says so. Default: your user name.")]
        public string? Who { get; init; }

        [CommandOption("--note <TEXT>")]
        [Description("Why.")]
        public string? Note { get; init; }

        [CommandOption("--json")]
        [Description("Print the answer as JSON.")]
        public bool Json { get; init; }
    }
}
