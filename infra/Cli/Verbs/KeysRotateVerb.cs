using System.ComponentModel;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Keys;
using CpfPipeline.Data.Access;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class KeysRotateVerb : AsyncCommand<KeysRotateVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var keep = KeyExpiry.Span(settings.Keep)
            ?? throw CommandException.Usage($"--keep takes days or hours such as 1d or 0h, not '{settings.Keep}'");
        var text = await KeyRegister.UseAsync(async register =>
        {
            var key = await KeyRegister.FindAsync(register, settings.Key, cancellationToken);
            var rotated = ApiKeyText.Make() with { KeyId = key.KeyId };
            return await register.RotateAsync(rotated, keep, cancellationToken) ? rotated
                : throw CommandException.Usage($"the key {settings.Key} was revoked just now");
        });
        if (Installation.Find() is { } installation && ApiKeyText.TryParse(installation.State.LocalKey)?.KeyId == text.KeyId)
        {
            installation.State.LocalKey = text.Reveal();
            installation.Save();
        }

        Console.Error.WriteLine($"{settings.Key}: the key is shown this once; the one before is taken for {settings.Keep} more");
        Console.WriteLine(text.Reveal());
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<KEY>")]
        [Description("Name or id of the key.")]
        public string Key { get; init; } = "";

        [CommandOption("--keep <TIME>")]
        [Description("How long the secret before is taken, too: 1d, 12h, or 0h for not at all.")]
        [DefaultValue("1d")]
        public string Keep { get; init; } = "1d";
    }
}
