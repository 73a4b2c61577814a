using System.ComponentModel;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Keys;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class KeysSignOutVerb : AsyncCommand<KeysSignOutVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var ended = await KeyRegister.UseAsync(Installation.Load(), register => register.SignOutAsync(settings.Who, cancellationToken));
        Console.WriteLine($"{ended} browsers of {settings.Who} are signed out; within five seconds they open nothing");
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<WHO>")]
        [Description("Name of a key or person, as the audit shows it, or its subject: key:ID, token:SUBJECT.")]
        public string Who { get; init; } = "";
    }
}
