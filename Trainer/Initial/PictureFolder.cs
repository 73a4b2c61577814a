namespace CpfPipeline.Trainer.Initial;

/// <summary>
/// The pictures below a folder, in the order of their names, with labels where a <c>labels.csv</c> lies in it or beside it. Without one, many
/// small folders (a folder a product) are labels too.
/// </summary>
internal sealed class PictureFolder
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff"];

    private const int FewestFolders = 20;
    private const int MostInFolder = 20;

    private PictureFolder(IReadOnlyList<Picture> pictures) => Pictures = pictures;

    public IReadOnlyList<Picture> Pictures { get; }

    public bool HasLabels => Pictures.Any(p => p.Label is not null);

    /// <summary>The same pictures, as if nobody had said what they show.</summary>
    public PictureFolder WithoutLabels() => new([.. Pictures.Select(p => p with { Label = null, Held = false })]);

    /// <param name="Path">Full path.</param>
    /// <param name="Name">Path below the folder, with /.</param>
    /// <param name="Label">Product key, or null.</param>
    /// <param name="Held">The labels file keeps it out of training (split val, test or distractor).</param>
    internal sealed record Picture(string Path, string Name, string? Label, bool Held);

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static PictureFolder Read(string folder)
    {
        var root = System.IO.Path.GetFullPath(folder);
        if (!Directory.Exists(root))
        {
            throw new DirectoryNotFoundException($"there is no folder {folder}");
        }

        var labels = ReadLabels(root);
        var pictures = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(f => Extensions.Contains(System.IO.Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
            .Select(f => (Path: f, Name: System.IO.Path.GetRelativePath(root, f).Replace('\\', '/')))
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => labels.TryGetValue(f.Path, out var l)
                ? new Picture(f.Path, f.Name, l.Label, l.Held)
                : new Picture(f.Path, f.Name, null, false))
            .ToList();
        return new PictureFolder(labels.Count == 0 ? LabelByFolder(pictures) : pictures);
    }

    private static List<Picture> LabelByFolder(List<Picture> pictures)
    {
        var folders = pictures.Select(p => System.IO.Path.GetDirectoryName(p.Name)!).Distinct(StringComparer.Ordinal).Count();
        return folders < FewestFolders || pictures.Count > folders * MostInFolder
            ? pictures
            : [.. pictures.Select(p => p with { Label = System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(p.Name)) })];
    }

    private static Dictionary<string, (string Label, bool Held)> ReadLabels(string root)
    {
        var result = new Dictionary<string, (string, bool)>(StringComparer.Ordinal);
        var file = new[] { root, System.IO.Path.GetDirectoryName(root) }
            .Where(d => d is not null)
            .Select(d => System.IO.Path.Combine(d!, "labels.csv"))
            .FirstOrDefault(File.Exists);
        if (file is null)
        {
            return result;
        }

        var lines = File.ReadAllLines(file);
        var header = lines[0].Split(',');
        var (path, label, split) = (Array.IndexOf(header, "path"), Array.IndexOf(header, "label"), Array.IndexOf(header, "split"));
        if (path < 0 || label < 0)
        {
            throw new InvalidDataException($"{file} has no columns path and label");
        }

        foreach (var line in lines.Skip(1).Where(l => l.Length > 0))
        {
            var cells = line.Split(',');
            if (cells.Length == header.Length)
            {
                var full = System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(file)!, cells[path]));
                result[full] = (cells[label], split >= 0 && cells[split] is "val" or "test" or "distractor");
            }
        }

        return result;
    }
}
