using System.Reflection;
using Spectre.Console.Cli;

namespace CpfPipeline.CommandLine;

/// <summary>A verb of a program, with the options and arguments that its settings declare.</summary>
public sealed class Verb
{
    private readonly Action<IConfigurator> _addToRoot;
    private readonly Action<IConfigurator<CommandSettings>> _addToBranch;

    private Verb(
        string path, string summary, Type settings, Action<IConfigurator> addToRoot, Action<IConfigurator<CommandSettings>> addToBranch)
    {
        (Path, Summary, Settings) = (path.Split(' '), summary, settings);
        (_addToRoot, _addToBranch) = (addToRoot, addToBranch);
        var properties = settings.GetProperties();
        Options = [.. from p in properties let a = p.GetCustomAttribute<CommandOptionAttribute>() where a is not null select new VerbOption(
            p, a)];
        Arguments =
        [
            .. (from p in properties let a = p.GetCustomAttribute<CommandArgumentAttribute>() where a is not null select new VerbArgument(
                p, a)).OrderBy(a => a.Position),
        ];
    }

    /// <summary>One word, or two for a verb in a branch: <c>backbone add</c>.</summary>
    public IReadOnlyList<string> Path { get; }

    /// <summary>The words of <see cref="Path"/>.</summary>
    public string Name => string.Join(' ', Path);

    /// <summary>One line for the list of verbs.</summary>
    public string Summary { get; }

    /// <summary>Declares its options and arguments.</summary>
    public Type Settings { get; }

    public IReadOnlyList<VerbOption> Options { get; }

    public IReadOnlyList<VerbArgument> Arguments { get; }

    /// <summary>Describes a verb.</summary>
    /// <typeparam name="TCommand">Runs it.</typeparam>
    /// <param name="path">See <see cref="Path"/>.</param>
    /// <param name="summary">One line for the list of verbs.</param>
    public static Verb Of<TCommand>(string path, string summary)
        where TCommand : class, ICommandLimiter<CommandSettings>
    {
        var name = path.Split(' ')[^1];
        return new(
            path,
            summary,
            SettingsOf(typeof(TCommand)),
            root => root.AddCommand<TCommand>(name).WithDescription(summary),
            branch => branch.AddCommand<TCommand>(name).WithDescription(summary));
    }

    internal void AddTo(IConfigurator root) => _addToRoot(root);

    internal void AddTo(IConfigurator<CommandSettings> branch) => _addToBranch(branch);

    private static Type SettingsOf(Type command)
    {
        for (var type = command; type is not null; type = type.BaseType)
        {
            if (type.GenericTypeArguments is [var settings] && settings.IsAssignableTo(typeof(CommandSettings)))
            {
                return settings;
            }
        }

        throw new ArgumentException($"{command.Name} takes no settings", nameof(command));
    }
}
