using System.ComponentModel;
using CpfPipeline.Cli.Erasures;
using CpfPipeline.Cli.Processes;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class EraseVerb : AsyncCommand<EraseVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var body = ErasureBody.Of(settings.Image, settings.Content, settings.Who, settings.Note);
        await ErasureSession.RunAsync(
            await RunningInstallation.FindOrStartAsync(cancellationToken), body, settings.Json, cancellationToken);
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "[SOURCE]")]
        [Description("Source of the image to erase.")]
        public string? Source { get; init; }

        [CommandArgument(1, "[EXTERNAL_ID]")]
        [Description("Its external id.")]
        public string? ExternalId { get; init; }

        [CommandOption("--content <SHA256>")]
        [Description("Instead of an image: erase the bytes with this SHA-256, and every image that shows them.")]
        public string? Content { get; init; }

        [CommandOption("--who <NAME>")]
        [Description("Who asks for it, for the receipt. Default: your user name.")]
        public string? Who { get; init; }

        [CommandOption("--note <TEXT>")]
        [Description("Why, for the receipt. Must not name what is erased.")]
        public string? Note { get; init; }

        [CommandOption("--json")]
        [Description("Print the receipt as JSON.")]
        public bool Json { get; init; }

        /// <summary>The words that name the image.</summary>
        public IReadOnlyList<string> Image => [.. new[] { Source, ExternalId }.OfType<string>()];
    }
}
