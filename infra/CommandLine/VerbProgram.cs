using System.Globalization;
using System.Reflection;
using Spectre.Console;
using Spectre.Console.Cli;
using Spectre.Console.Cli.Help;
using Spectre.Console.Rendering;

namespace CpfPipeline.CommandLine;

/// <summary>
/// A program with verbs: finds the verb, reads its words, runs it, and turns what went wrong into one line and an exit code.
/// </summary>
public sealed class VerbProgram
{
    /// <summary>What wrong usage ends with.</summary>
    public const int WrongUsage = 2;

    // Columns of the help when it goes into a file or a pipe.
    private const int FileWidth = 120;

    /// <summary>What its user types: <c>infra/cpf</c>.</summary>
    public required string Name { get; init; }

    /// <summary>In the order in which the help lists them.</summary>
    public required IReadOnlyList<Verb> Verbs { get; init; }

    /// <summary>One line for each first word that has verbs below it.</summary>
    public IReadOnlyDictionary<string, string> Branches { get; init; } = new Dictionary<string, string>();

    /// <summary>Begins every line that tells of an error.</summary>
    public string ErrorPrefix { get; init; } = "";

    /// <summary>Lines at the end of the list of verbs.</summary>
    public string Footer { get; init; } = "";

    /// <summary>What an interrupted verb ends with.</summary>
    public required int Interrupted { get; init; }

    /// <summary>How the program ends after an exception; null for a bug, which is thrown on.</summary>
    public required Func<Exception, ProgramFailure?> Explain { get; init; }

    /// <summary>Runs the verb that <paramref name="words"/> name.</summary>
    /// <param name="words">The command line.</param>
    /// <param name="output">Takes the help.</param>
    /// <param name="error">Takes one line when something went wrong.</param>
    /// <param name="register">Registers what the constructors of verbs ask for.</param>
    /// <param name="cancellationToken">Handed to the verb.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(
        IReadOnlyList<string> words, TextWriter output, TextWriter error, Action<ITypeRegistrarFrontend> register,
        CancellationToken cancellationToken)
    {
        try
        {
            return await App(output, register).RunAsync(Read(words), cancellationToken);
        }
        catch (UsageException e)
        {
            await error.WriteLineAsync($"{ErrorPrefix}{e.Message} ({HelpOf(words)} tells more)");
            return WrongUsage;
        }
        catch (CommandAppException e)
        {
            await error.WriteLineAsync($"{ErrorPrefix}{e.Message.ReplaceLineEndings(" ")} ({HelpOf(words)} tells more)");
            return WrongUsage;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await error.WriteLineAsync($"{ErrorPrefix}interrupted");
            return Interrupted;
        }
        catch (Exception e) when (Explain(e) is { } failure)
        {
            await error.WriteLineAsync(ErrorPrefix + failure.Message);
            return failure.ExitCode;
        }
    }

    private IEnumerable<string> Read(IReadOnlyList<string> words)
    {
        if (words.Count == 0 || words[0] == "help" || words.TakeWhile(w => w != "--").Any(w => w is "--help" or "-h"))
        {
            return [.. PathOf([.. words.SkipWhile(w => w == "help").TakeWhile(w => w is not ("--help" or "-h"))]), "--help"];
        }

        if (words is ["--version"] or ["-v"])
        {
            return words;
        }

        var path = PathOf(words);
        var verb = Verbs.FirstOrDefault(v => v.Path.SequenceEqual(path))
            ?? throw new UsageException($"{string.Join(' ', path)} needs one of "
                + string.Join(", ", Verbs.Where(v => v.Path[0] == path[0]).Select(v => v.Path[^1])));
        return [.. path, .. VerbWords.Check(verb, [.. words.Skip(path.Count)])];
    }

    /// <summary>The verb's words; those of a branch alone when no more is given; none when no word is.</summary>
    /// <exception cref="UsageException">There is no such verb.</exception>
    private List<string> PathOf(IReadOnlyList<string> words)
    {
        var path = new List<string>();
        foreach (var word in words)
        {
            var next = Verbs.Where(v => v.Path.Take(path.Count).SequenceEqual(path))
                .Select(v => v.Path.ElementAtOrDefault(path.Count)).OfType<string>().Distinct().ToList();
            if (next.Count == 0)
            {
                break;
            }

            if (!next.Contains(word))
            {
                throw new UsageException(word.StartsWith('-')
                    ? $"unknown option {word}{ClosestWord.Hint(word, ["--help", "--version"])}"
                    : $"unknown verb '{string.Join(' ', path.Append(word))}'{Hint(path, word, next)}");
            }

            path.Add(word);
        }

        return path;
    }

    private static string Hint(List<string> path, string word, IReadOnlyList<string> known) =>
        ClosestWord.Of(word, known) is { } closest ? $"; did you mean {string.Join(' ', path.Append(closest))}?" : "";

    private string HelpOf(IReadOnlyList<string> words)
    {
        var verb = Verbs.FirstOrDefault(v => v.Path.SequenceEqual(words.Take(v.Path.Count)));
        return verb is null ? $"{Name} --help" : $"{Name} {verb.Name} --help";
    }

    private CommandApp App(TextWriter output, Action<ITypeRegistrarFrontend> register)
    {
        var app = new CommandApp();
        app.Configure(root =>
        {
            root.SetApplicationName(Name);
            root.SetApplicationVersion(
                Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "");
            root.SetApplicationCulture(CultureInfo.InvariantCulture);
            root.Settings.TrimTrailingPeriod = false; // descriptions are sentences
            root.UseStrictParsing();
            root.PropagateExceptions();
            root.SetInterceptor(new LiteralWord());
            root.ConfigureConsole(ConsoleOf(output));
            root.SetHelpProvider(new HelpWithFooter(root.Settings, Footer));
            register(root.Settings.Registrar);
            foreach (var verbs in Verbs.GroupBy(v => v.Path[0]))
            {
                if (Branches.TryGetValue(verbs.Key, out var summary))
                {
                    root.AddBranch(verbs.Key, branch =>
                    {
                        branch.SetDescription(summary);
                        foreach (var verb in verbs)
                        {
                            verb.AddTo(branch);
                        }
                    });
                }
                else
                {
                    verbs.Single().AddTo(root);
                }
            }
        });
        return app;
    }

    private static IAnsiConsole ConsoleOf(TextWriter output)
    {
        var target = new AnsiConsoleOutput(output);
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = target, Ansi = target.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No });
        if (!target.IsTerminal)
        {
            console.Profile.Width = FileWidth;
        }

        return console;
    }

    private sealed class HelpWithFooter(ICommandAppSettings settings, string footer) : HelpProvider(settings)
    {
        public override IEnumerable<IRenderable> GetFooter(ICommandModel model, ICommandInfo? command) =>
            command is null && footer.Length > 0 ? [new Text(Environment.NewLine + footer + Environment.NewLine)] : [];
    }
}
