using System.Diagnostics;
using CpfPipeline.Cli.Completions;
using CpfPipeline.Cli.Verbs;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Completions;

/// <summary>What bash itself completes with the script.</summary>
public sealed class CompletionScriptTests
{
    private static readonly string[][] Lines =
    [
        ["infra/cpf", "gr"],
        ["infra/cpf", "groups", "--fo"],
        ["infra/cpf", "groups", "--format", ""],
        ["infra/cpf", "models", ""],
        ["infra/cpf", "models", "im"],
        ["infra/cpf", "models", "--f"],
        ["infra/cpf", "models", "--format", "j"],
        ["infra/cpf", "models", "import", "--w"],
        ["infra/cpf", "verdict", "s"],
        ["infra/cpf", "verdict", "same", "shop-a", ""],
        ["infra/cpf", "completions", ""],
        ["infra/cpf", "export", "--what", "ch"],
        ["infra/cpf", "nothing", "--"],
    ];

    [Fact]
    public async Task Bash_WordsOfALine_CompletesFromTheVerbTable()
    {
        var script = CompletionScript.Of(CompletionScript.Bash, VerbTable.Program)
            + string.Concat(Lines.Select(Completing)) + "complete -p cpf\n";

        var answers = await BashAsync(script);

        Assert.Equal(
            [
                "groups", "--format", "table json csv", "list import export", "import", "--format", "json", "--wait", "same", "",
                "bash zsh", "changes", "", "complete -o default -F _cpf cpf",
            ],
            answers);
    }

    [Fact]
    public async Task Bash_NoWordYet_OffersEveryVerb()
    {
        var script = CompletionScript.Of(CompletionScript.Bash, VerbTable.Program)
            + "COMP_WORDS=(cpf ''); COMP_CWORD=1; _cpf; printf '%s\\n' \"${COMPREPLY[@]}\"\n";

        Assert.Equal(
            VerbTable.Program.Verbs.Select(v => v.Path[0]).Append("help").Distinct().Order(StringComparer.Ordinal),
            (await BashAsync(script)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Zsh_Script_LoadsWhatRunsTheFunction()
    {
        var script = CompletionScript.Of(CompletionScript.Zsh, VerbTable.Program);

        Assert.StartsWith("autoload -U +X compinit bashcompinit && compinit && bashcompinit\n", script, StringComparison.Ordinal);
        Assert.EndsWith(CompletionScript.Of(CompletionScript.Bash, VerbTable.Program), script, StringComparison.Ordinal);
    }

    private static string Completing(string[] words) =>
        $"COMP_WORDS=({string.Join(' ', words.Select(w => $"'{w}'"))}); COMP_CWORD={words.Length - 1}; _cpf\n"
            + "echo \"${COMPREPLY[*]}\"\n";

    private static async Task<string[]> BashAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "--noprofile", "-s"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        var errors = bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", await errors);
        return output[..^1].Split('\n');
    }
}
