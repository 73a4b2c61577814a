using System.Globalization;
using CpfPipeline.CommandLine;

namespace CpfPipeline.Cli.Review;

/// <summary>What <c>placeholder</c> is to do.</summary>
internal abstract record PlaceholderAction
{
    private static readonly string[] Known = ["list", "limit", "mark", "keep", "auto"];

    /// <summary>Reads the words of <c>placeholder</c>.</summary>
    /// <exception cref="UsageException">Wrong usage; says what to write instead.</exception>
    public static PlaceholderAction Of(string action, IReadOnlyList<string> words, string? who, string? note) => (action, words) switch
    {
        ("list", []) => new ListAll(),
        ("limit", [var text]) => int.TryParse(text, CultureInfo.InvariantCulture, out var limit) && limit >= 2
            ? new SetLimit(limit)
            : throw new UsageException($"limit takes a number of products, 2 or more, not '{text}'"),
        ("mark" or "keep" or "auto", [var source, var externalId]) =>
            new Override(new(new PictureWords(source, externalId), action, who ?? Environment.UserName, note)),
        _ when !Known.Contains(action) => throw new UsageException(
            $"placeholder does not know '{action}'{ClosestWord.Hint(action, Known)}"),
        _ => throw new UsageException("placeholder takes list, limit N, or mark, keep or auto with SOURCE EXTERNAL_ID"),
    };

    internal sealed record ListAll : PlaceholderAction;

    internal sealed record SetLimit(int MinProducts) : PlaceholderAction;

    internal sealed record Override(PlaceholderBody Body) : PlaceholderAction;
}
