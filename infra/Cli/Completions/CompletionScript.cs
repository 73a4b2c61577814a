using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text;
using CpfPipeline.CommandLine;

namespace CpfPipeline.Cli.Completions;

/// <summary>Scripts that let a shell complete the words of a command line.</summary>
internal static class CompletionScript
{
    public const string Bash = "bash";
    public const string Zsh = "zsh";

    // What the shell completes where a verb takes a path or a word that no table knows.
    private const string Function = """
        _cpf() {
            local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb="" next i
            COMPREPLY=()
            for ((i = 1; i < COMP_CWORD; i++)); do
                next="${verb:+$verb }${COMP_WORDS[i]}"
                case "|@VERBS@|" in *"|$next|"* | *"|$next "*) verb=$next ;; *) break ;; esac
            done
            case "$verb $before" in
        @VALUES@
            esac
            case "$word $verb" in
                -*) case "$verb" in
        @OPTIONS@
                    esac ;;
                *) case "$verb" in
        @WORDS@
                    esac ;;
            esac
        }
        complete -o default -F _cpf cpf
        """;

    /// <param name="shell"><see cref="Bash"/> or <see cref="Zsh"/>, which runs bash's functions.</param>
    /// <param name="program">Whose words.</param>
    public static string Of(string shell, VerbProgram program)
    {
        var script = Function
            .Replace("@VERBS@", string.Join('|', program.Verbs.Select(v => v.Name)), StringComparison.Ordinal)
            .Replace("@VALUES@", Cases(program.Verbs.SelectMany(v => ValuesOf(program, v))), StringComparison.Ordinal)
            .Replace("@OPTIONS@", Cases(program.Verbs.Select(v => OptionsOf(program, v))), StringComparison.Ordinal)
            .Replace("@WORDS@", Cases(WordsOf(program)), StringComparison.Ordinal);
        return shell == Zsh ? $"autoload -U +X compinit bashcompinit && compinit && bashcompinit\n{script}\n" : script + "\n";
    }

    // "groups --format" takes one of the allowed values.
    private static IEnumerable<(string Pattern, IEnumerable<string> Words)> ValuesOf(VerbProgram program, Verb verb) =>
        from option in verb.Options
        where AllowedOf(option.Property) is { Count: > 0 }
        select (
            Pattern(from name in NamesOf(program, verb) from spelling in option.Names select $"{name} {spelling}"),
            (IEnumerable<string>)AllowedOf(option.Property));

    private static (string Pattern, IEnumerable<string> Words) OptionsOf(VerbProgram program, Verb verb) =>
        (Pattern(NamesOf(program, verb)), verb.Options.SelectMany(o => o.Names).Append("--help"));

    // "models" stands for "models list".
    private static IEnumerable<string> NamesOf(VerbProgram program, Verb verb) =>
        program.Defaults.GetValueOrDefault(verb.Path[0]) == verb.Path[^1] ? [verb.Name, verb.Path[0]] : [verb.Name];

    private static string Pattern(IEnumerable<string> alternatives) => string.Join(" | ", alternatives.Select(a => $"\"{a}\""));

    // The verbs; those of a branch after its name; the values of a verb's first argument where a table knows them.
    private static IEnumerable<(string Pattern, IEnumerable<string> Words)> WordsOf(VerbProgram program)
    {
        yield return ("\"\"", program.Verbs.Select(v => v.Path[0]).Append("help").Distinct());
        foreach (var branch in program.Verbs.Where(v => v.Path.Count > 1).GroupBy(v => v.Path[0]))
        {
            yield return ($"\"{branch.Key}\"", branch.Select(v => v.Path[1]));
        }

        foreach (var verb in program.Verbs)
        {
            if (verb.Arguments is [var first, ..] && AllowedOf(first.Property) is { Count: > 0 } allowed)
            {
                yield return ($"\"{verb.Name}\"", allowed);
            }
        }
    }

    private static List<string> AllowedOf(PropertyInfo property) =>
        [.. property.GetCustomAttribute<AllowedValuesAttribute>()?.Values.OfType<string>() ?? []];

    private static string Cases(IEnumerable<(string Pattern, IEnumerable<string> Words)> cases)
    {
        var text = new StringBuilder();
        foreach (var (pattern, words) in cases)
        {
            text.Append(text.Length == 0 ? "" : "\n")
                .Append($"            {pattern}) COMPREPLY=($(compgen -W \"{string.Join(' ', words)}\" -- \"$word\")); return ;;");
        }

        return text.ToString();
    }
}
