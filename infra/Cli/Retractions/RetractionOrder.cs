namespace CpfPipeline.Cli.Retractions;

/// <summary>Images to retract.</summary>
/// <param name="Source">Their source.</param>
/// <param name="ExternalIds">Their external ids, each once, in the order given.</param>
internal sealed record RetractionOrder(string Source, IReadOnlyList<string> ExternalIds)
{
    /// <summary>Reads the words of <c>retract</c>.</summary>
    /// <param name="source">The source.</param>
    /// <param name="ids">External ids.</param>
    /// <param name="lines">More of them, one a line; empty lines are none. Null without a file.</param>
    /// <exception cref="CommandException">No id is named.</exception>
    public static RetractionOrder Of(string source, IEnumerable<string> ids, IEnumerable<string>? lines)
    {
        string[] all = [.. ids.Concat(lines ?? []).Where(id => id.Length > 0).Distinct(StringComparer.Ordinal)];
        return string.IsNullOrWhiteSpace(source) ? throw CommandException.Usage("SOURCE is empty")
            : all.Length == 0 ? throw CommandException.Usage("retract takes the external ids of images, or --file with one a line")
            : new(source, all);
    }

    /// <summary>The lines of a file, or of standard input for <c>-</c>.</summary>
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public static async Task<IReadOnlyList<string>?> ReadLinesAsync(string? file, TextReader input, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            var text = file == "-" ? await input.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(file, cancellationToken);
            return text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"--file: {e.Message}");
        }
    }
}
