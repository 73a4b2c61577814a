using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Keys;
using CpfPipeline.Data.Access;
using CpfPipeline.Vocabulary;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class KeysAddVerb : AsyncCommand<KeysAddVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var key = new NewApiKey(settings.Name, settings.Roles, settings.Sources, KeyExpiry.Parse(settings.Expires, now));
        key = settings.GlobalKeys ? key with { GlobalKeys = true } : key;
        if (key.Problem(now) is { } problem)
        {
            throw CommandException.Usage(problem);
        }

        var text = ApiKeyText.Make();
        if (!await KeyRegister.UseAsync(register => register.AddAsync(key, text, cancellationToken)))
        {
            throw CommandException.Usage($"there is a valid key {key.Name}: infra/cpf keys rotate gives it a new secret");
        }

        Console.Error.WriteLine($"{key.Name}: {string.Join(' ', key.Roles)}; the key is shown this once");
        Console.WriteLine(text.Reveal());
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<NAME>")]
        [Description("Whose key it is: letters, digits, . _ @ -. Verdicts, receipts and the audit name it.")]
        public string Name { get; init; } = "";

        [CommandOption("--role <ROLE>")]
        [Description("What it may do; may be repeated.")]
        [AllowedValues(
            AccessRole.Read, AccessRole.Submit, AccessRole.Review, AccessRole.Train, AccessRole.Erase, AccessRole.Operate)]
        public string[] Roles { get; init; } = [];

        [CommandOption("--source <SOURCE>")]
        [Description("A source that it may submit to; may be repeated. Without it: all.")]
        public string[] Sources { get; init; } = [];

        [CommandOption("--global-keys")]
        [Description("It may say global product keys (GTIN), which count for all sources. A key without --source always may.")]
        public bool GlobalKeys { get; init; }

        [CommandOption("--expires <WHEN>")]
        [Description("When it ends: 90d, 12h, or a date such as 2027-01-31. Without it: never.")]
        public string? Expires { get; init; }
    }
}
