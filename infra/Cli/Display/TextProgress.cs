namespace CpfPipeline.Cli.Display;

/// <summary>Says how far something is: at once when a step begins, then every few seconds.</summary>
/// <param name="output">Where to.</param>
/// <param name="time">The clock.</param>
internal sealed class TextProgress(TextWriter output, TimeProvider time)
{
    private static readonly TimeSpan MinPause = TimeSpan.FromSeconds(5);
    private string? _step;
    private long _told;

    public void Tell(string step, string done)
    {
        if (step != _step || time.GetElapsedTime(_told) >= MinPause)
        {
            (_step, _told) = (step, time.GetTimestamp());
            output.WriteLine($"{step,-10} {done}");
        }
    }
}
