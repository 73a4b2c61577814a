using Spectre.Console;

namespace CpfPipeline.Cli.Groups;

/// <summary>How wide tables may be.</summary>
internal static class TableWidth
{
    private const int Columns = 160;

    /// <summary>A file has no width, and 80 columns, which Spectre.Console assumes for it, would break ids apart.</summary>
    public static void WidenWhenRedirected()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, Columns);
        }
    }
}
