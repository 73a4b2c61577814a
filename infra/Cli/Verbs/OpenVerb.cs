using System.ComponentModel;
using CpfPipeline.Cli.Addresses;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class OpenVerb : AsyncCommand<OpenVerb.Settings>
{
    public override Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var installation = Installation.Load();
        if (ProcessRecord.Read(installation, new Service("Matcher").Key) is null)
        {
            throw CommandException.Infrastructure("the Matcher, which serves the gallery, does not run: infra/cpf up starts it");
        }

        var address = InstallationAddresses.Gallery(installation);
        Console.WriteLine(address);
        if (!settings.Print)
        {
            Browser.TryOpen(address);
        }

        return Task.FromResult((int)ExitCode.Done);
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--print")]
        [Description("Print the address only. Without it, a browser is opened where there is a display.")]
        public bool Print { get; init; }
    }
}
