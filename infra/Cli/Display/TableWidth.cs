using Spectre.Console;

namespace CpfPipeline.Cli.Display;

/// <summary>How wide tables may be.</summary>
internal static class TableWidth
{
    private const int Columns = 160;

    /// <summary>A file has no width. Spectre.Console assumes 80 columns for it, which would break ids apart.</summary>
    public static void WidenWhenRedirected()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, Columns);
        }
    }
}
