using System.ComponentModel;
using CpfPipeline.Cli.Addresses;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Services;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class OpenVerb : AsyncCommand<OpenVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var installation = Installation.Load();
        if (ProcessRecord.Read(installation, new Service("Matcher").Key) is null)
        {
            throw CommandException.Infrastructure("the Matcher, which serves the gallery, does not run: infra/cpf up starts it");
        }

        using var matcher = ServiceClient.Of(installation, "Matcher");
        var address = await SignInLink.MakeAsync(matcher, InstallationAddresses.GalleryPath, cancellationToken);
        Console.WriteLine(address);
        if (!settings.Print)
        {
            Browser.TryOpen(address, Path.Combine(installation.Run, "open.html"));
        }

        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--print")]
        [Description("Print the address only; it is good for two minutes, once. Without it, a browser is opened where there is a display.")]
        public bool Print { get; init; }
    }
}
