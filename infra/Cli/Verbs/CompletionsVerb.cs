using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Completions;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class CompletionsVerb : AsyncCommand<CompletionsVerb.Settings>
{
    public override Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        Console.Write(CompletionScript.Of(settings.Shell, VerbTable.Program));
        return Task.FromResult((int)ExitCode.Done);
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<SHELL>")]
        [Description("bash or zsh.")]
        [AllowedValues(CompletionScript.Bash, CompletionScript.Zsh)]
        public string Shell { get; init; } = "";
    }
}
