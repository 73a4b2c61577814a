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
        var (name, page, what) = settings.Jobs ? ("Trainer", InstallationAddresses.JobsPath, "the jobs")
            : ("Matcher", InstallationAddresses.GalleryPath, "the gallery");
        if (ProcessRecord.Read(installation, new Service(name).Key) is null)
        {
            throw CommandException.Infrastructure($"the {name}, which serves {what}, does not run: infra/cpf up starts it");
        }

        using var service = ServiceClient.Of(installation, name);
        var address = await SignInLink.MakeAsync(service, page, cancellationToken);
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

        [CommandOption("--jobs")]
        [Description("The Trainer's jobs instead of the gallery.")]
        public bool Jobs { get; init; }
    }
}
