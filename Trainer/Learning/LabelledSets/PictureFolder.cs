using CpfPipeline.Labels;

namespace CpfPipeline.Learning.LabelledSets;

/// <summary>
/// The pictures below a folder, in the order of their names, with labels where a <c>labels.csv</c> lies in it or beside it. Without one,
/// many small folders (one per product) are labels too.
/// </summary>
public sealed class PictureFolder
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff"];

    private const int MinFolders = 20;
    private const int MaxPicturesPerFolder = 20;

    private PictureFolder(IReadOnlyList<FolderPicture> pictures) => Pictures = pictures;

    public IReadOnlyList<FolderPicture> Pictures { get; }

    public bool HasLabels => Pictures.Any(p => p.Label is not null);

    /// <summary>Some of the pictures.</summary>
    public PictureFolder Where(Func<FolderPicture, int, bool> isWanted) => new([.. Pictures.Where(isWanted)]);

    /// <param name="Path">Full path.</param>
    /// <param name="Name">Path below the folder, with /.</param>
    /// <param name="Label">Product key, or null.</param>
    /// <param name="Held">The labels file keeps it out of training (split val, test or distractor).</param>
    public sealed record FolderPicture(string Path, string Name, string? Label, bool Held);

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="LabelsFileException">Something is wrong with the labels file; the message lists all of it.</exception>
    public static PictureFolder Read(string folder)
    {
        var root = Root(folder);
        var labels = ReadLabels(root);
        var pictures = Find(root)
            .Select(p => labels.TryGetValue(p.Path, out var l) ? p with { Label = l.Label, Held = l.Split != LabelledSplit.Train } : p)
            .ToList();
        return new PictureFolder(labels.Count == 0 ? LabelByFolder(pictures) : pictures);
    }

    /// <summary>Takes the pictures as unlabelled. A labels file is ignored.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static PictureFolder ReadUnlabelled(string folder) => new([.. Find(Root(folder))]);

    private static string Root(string folder)
    {
        var root = System.IO.Path.GetFullPath(folder);
        return Directory.Exists(root) ? root : throw new DirectoryNotFoundException($"there is no folder {folder}");
    }

    private static IEnumerable<FolderPicture> Find(string root) =>
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(f => Extensions.Contains(System.IO.Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
            .Select(f => (Path: f, Name: System.IO.Path.GetRelativePath(root, f).Replace('\\', '/')))
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => new FolderPicture(f.Path, f.Name, null, false));

    private static List<FolderPicture> LabelByFolder(List<FolderPicture> pictures)
    {
        var folders = pictures.Select(p => System.IO.Path.GetDirectoryName(p.Name)!).Distinct(StringComparer.Ordinal).Count();
        return folders < MinFolders || pictures.Count > folders * MaxPicturesPerFolder
            ? pictures
            : [.. pictures.Select(p => p with { Label = System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(p.Name)) })];
    }

    private static Dictionary<string, LabelledPicture> ReadLabels(string root)
    {
        var file = new[] { root, System.IO.Path.GetDirectoryName(root) }
            .Where(d => d is not null)
            .Select(d => System.IO.Path.Combine(d!, LabelsReader.FileName))
            .FirstOrDefault(File.Exists);
        return file is null
            ? []
            : LabelledSetReader.ReadRows(file).ToDictionary(p => p.Path, StringComparer.Ordinal);
    }
}
