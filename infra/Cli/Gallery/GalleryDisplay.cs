using System.Globalization;
using CpfPipeline.Cli.Display;

namespace CpfPipeline.Cli.Gallery;

/// <summary>A progress bar on a terminal; elsewhere a line every few seconds. Then what was written.</summary>
internal static class GalleryDisplay
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    /// <param name="work">Is given a way to tell how many pictures are there, of how many.</param>
    public static Task<GalleryOutcome> RunAsync(Func<Action<int, int>, Task<GalleryOutcome>> work) => BarDisplay.RunAsync(
        live =>
        {
            var task = live.AddTask("pictures", autoStart: true);
            return work((done, total) =>
            {
                task.MaxValue = Math.Max(1, total);
                task.Value = done;
                task.Description = Words(done, total);
            });
        },
        () =>
        {
            var last = TimeProvider.System.GetTimestamp();
            return work((done, total) =>
            {
                if (TimeProvider.System.GetElapsedTime(last) >= BetweenLines)
                {
                    last = TimeProvider.System.GetTimestamp();
                    Console.WriteLine(Words(done, total));
                }
            });
        });

    /// <summary>Prints what was written.</summary>
    public static void Write(GalleryRequest request, GalleryOutcome outcome, TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{outcome.Groups:N0} of {outcome.Head.Groups:N0} groups with {outcome.Pictures:N0} pictures: {request.File} ")
            + string.Create(CultureInfo.InvariantCulture, $"({outcome.Bytes / 1e6:0.0} MB)"));
        if (outcome.Missing > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{outcome.Missing:N0} pictures could not be had; the file says so in their places"));
        }
    }

    private static string Words(int done, int total) =>
        string.Create(CultureInfo.InvariantCulture, $"pictures  {done:N0} of {total:N0}");
}
