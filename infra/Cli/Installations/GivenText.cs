namespace CpfPipeline.Cli.Installations;

/// <summary>
/// What the user gives in the environment: a variable, or for secrets a file, which the variable with <c>_FILE</c> behind its name names.
/// </summary>
internal static class GivenText
{
    private const string FileEnding = "_FILE";

    /// <returns>Null when neither is set.</returns>
    public static string? Of(string variable) => Of(variable, Environment.GetEnvironmentVariable);

    /// <param name="variable">Its name.</param>
    /// <param name="read">Reads a variable.</param>
    /// <exception cref="CommandException">The file cannot be read.</exception>
    internal static string? Of(string variable, Func<string, string?> read)
    {
        if (read(variable) is { Length: > 0 } text)
        {
            return text;
        }

        if (read(variable + FileEnding) is not { Length: > 0 } path)
        {
            return null;
        }

        try
        {
            return File.ReadAllText(path).TrimEnd('\n', '\r') is { Length: > 0 } content ? content
                : throw CommandException.Usage($"the file that {variable}{FileEnding} names is empty: {path}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Infrastructure($"{variable}{FileEnding}: {e.Message}");
        }
    }
}
