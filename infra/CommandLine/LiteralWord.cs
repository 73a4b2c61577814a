using Spectre.Console.Cli;

namespace CpfPipeline.CommandLine;

/// <summary>
/// Carries words through Spectre.Console.Cli that it would refuse or take for options: words after <c>--</c> and empty values.
/// They are marked before it reads them. The mark is removed before a verb sees them.
/// </summary>
internal sealed class LiteralWord : ICommandInterceptor
{
    // A character of Unicode's private use area: a person does not type it.
    private const char Mark = '\uE0C5';

    /// <summary>The word as the parser may read it.</summary>
    public static string Of(string word) => word.Length == 0 || word[0] == '-' ? Mark + word : word;

    public void Intercept(CommandContext context, CommandSettings settings)
    {
        foreach (var property in settings.GetType().GetProperties().Where(p => p.CanWrite))
        {
            switch (property.GetValue(settings))
            {
                case string text:
                    property.SetValue(settings, Unmarked(text));
                    break;
                case string[] words:
                    property.SetValue(settings, words.Select(Unmarked).ToArray());
                    break;
            }
        }
    }

    private static string Unmarked(string word) => word.Length > 0 && word[0] == Mark ? word[1..] : word;
}
