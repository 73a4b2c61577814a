using System.Text.Json;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Vision.Copies;

namespace CpfPipeline.Trainer.Offline;

/// <summary>
/// <c>copies</c>: edited copies of the pictures below a folder, under their own names (<c>a/b.png</c> to <c>a/b~crop.jpg</c>).
/// </summary>
internal static class CopiesCommand
{
    public static int Run(CopiesSettings settings, OfflineConsole console, CancellationToken cancellationToken)
    {
        var (each, seed, every) = (settings.PerImage, settings.Seed, settings.Every);
        var pictures = PictureFolder.ReadUnlabelled(settings.Folder).Pictures.Where((_, i) => i % every == 0).ToList();
        var among = settings.Edits == CopiesSettings.AllEdits ? EditedCopies.All : EditedCopies.Mild;
        using var decoders = console.OpenDecoders();
        var (copies, refused) = (0, 0);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.ForEach(pictures, options, picture =>
        {
            var bytes = File.ReadAllBytes(picture.Path);
            var outcome = decoders.Bounded(bytes, EditedCopies.LongestSide, out var pixels);
            if (!outcome.IsOk)
            {
                Interlocked.Increment(ref refused);
                console.Error.WriteLine($"{picture.Name}: {outcome.Reason}, {outcome.Message}");
                return;
            }

            var stem = Path.Combine(settings.Out, Path.ChangeExtension(picture.Name, null));
            Directory.CreateDirectory(Path.GetDirectoryName(stem)!);
            foreach (var edit in EditedCopies.Choose(bytes, each, seed, among))
            {
                if (EditedCopies.TryMake(pixels!, bytes, edit, seed) is { } copy)
                {
                    File.WriteAllBytes($"{stem}~{copy.Name}.jpg", copy.Jpeg);
                    Interlocked.Increment(ref copies);
                }
            }
        });
        console.Output.WriteLine(JsonSerializer.Serialize(new { pictures = pictures.Count, copies, refused }));
        return refused == 0 ? 0 : 1;
    }
}
