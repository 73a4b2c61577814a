using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Review;
using CpfPipeline.Cli.Services;
using CpfPipeline.CommandLine;
using CpfPipeline.Vocabulary;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class VerdictVerb : AsyncCommand<VerdictVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var verdict = settings.Images is [var sourceA, var idA, var sourceB, var idB]
            ? new VerdictBody(
                PictureWords.Of(sourceA, idA), PictureWords.Of(sourceB, idB), settings.Verdict, settings.Who ?? Environment.UserName,
                settings.Note)
            : throw new UsageException("verdict takes two images: SOURCE EXTERNAL_ID SOURCE EXTERNAL_ID");
        using var matcher = ServiceClient.Of(await RunningInstallation.FindOrStartAsync(cancellationToken), "Matcher");
        var answer = await new ReviewClient(matcher).GiveVerdictAsync(verdict, cancellationToken);
        Console.WriteLine(settings.Json ? JsonSerializer.Serialize(answer, ServiceClient.Json) : answer.Tell());
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : ReviewSettings
    {
        [CommandArgument(0, "<VERDICT>")]
        [Description("same, different, or withdrawn.")]
        [AllowedValues(VerdictWord.Same, VerdictWord.Different, VerdictWord.Withdrawn)]
        public string Verdict { get; init; } = "";

        [CommandArgument(1, "<IMAGES>")]
        [Description("SOURCE EXTERNAL_ID of both images. Instead of an image, the words content SHA256 name a picture by its bytes.")]
        public string[] Images { get; init; } = [];

        [CommandOption("--json")]
        [Description("Print the answer as JSON.")]
        public bool Json { get; init; }
    }
}
