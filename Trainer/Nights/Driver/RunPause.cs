namespace CpfPipeline.Nights.Driver;

/// <summary>How long to wait before broken infrastructure is tried again.</summary>
internal static class RunPause
{
    private const int MostSeconds = 60;

    /// <summary>1, 2, 4, ... seconds, a minute at most.</summary>
    /// <param name="failures">How often it failed in a row, from 1.</param>
    public static TimeSpan After(int failures) => TimeSpan.FromSeconds(Math.Min(MostSeconds, Math.Pow(2, Math.Min(failures, 10) - 1)));
}
