using System.ComponentModel;
using CpfPipeline.Cli.Keys;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class KeysRevokeVerb : AsyncCommand<KeysRevokeVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        await KeyRegister.UseAsync(async register =>
        {
            var key = await KeyRegister.FindAsync(register, settings.Key, cancellationToken);
            return await register.RevokeAsync(key.KeyId, cancellationToken) ? true
                : throw CommandException.Usage($"the key {settings.Key} was revoked just now");
        });
        Console.WriteLine($"{settings.Key} is revoked; every service refuses it within five seconds");
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<KEY>")]
        [Description("Name or id of the key.")]
        public string Key { get; init; } = "";
    }
}
