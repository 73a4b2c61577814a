using CpfPipeline.Data.Feeds;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Product keys of a folder from a labels.csv: <c>path,label[,split]</c>, paths relative to the file.</summary>
internal sealed class ProductKeys
{
    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unused = new(StringComparer.Ordinal);
    private readonly string _path;
    private bool _isUsed;

    private ProductKeys(string path) => _path = path;

    /// <summary>Reads the whole file. Rows of the split <c>distractor</c> and rows without label give no key.</summary>
    /// <exception cref="FeedFormatException">A column is missing, a row cannot be read, or there is none.</exception>
    public static async Task<ProductKeys> ReadAsync(Feed feed, CancellationToken cancellationToken)
    {
        var keys = new ProductKeys(feed.KeysPath!);
        var folder = Path.GetDirectoryName(feed.KeysPath)!;
        var interned = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var rows = DelimitedReader.ReadAsync(
                () => FeedText.OpenAsync(feed.KeysPath!, charset: null, isXml: false, new FeedFindings(), cancellationToken), tabs: false,
                [("path", "path"), ("label", "label")], cancellationToken);
            await foreach (var row in rows)
            {
                if (row.Problem is not null)
                {
                    throw new FeedFormatException(row.Problem);
                }

                if (row["path"] is { } path)
                {
                    var fullPath = Path.GetFullPath(path, folder);
                    keys._unused[fullPath] = path;
                    if (row["label"] is { } label && row["split"] != "distractor")
                    {
                        interned.TryAdd(label, label);
                        keys._labels[fullPath] = interned[label];
                    }
                }
            }
        }
        catch (FeedFormatException e)
        {
            throw new FeedFormatException($"{feed.KeysPath}: {e.Message}");
        }

        return keys._unused.Count > 0 ? keys : throw new FeedFormatException($"{feed.KeysPath}: There is no row below the header.");
    }

    /// <summary>The key of a file by its full path, or null.</summary>
    public string? Find(string path)
    {
        var fullPath = Path.GetFullPath(path);
        _isUsed |= _unused.Remove(fullPath);
        return _labels.GetValueOrDefault(fullPath);
    }

    /// <summary>Tells of rows whose file nobody asked for.</summary>
    /// <exception cref="FeedFormatException">
    /// Nobody asked for any: the labels belong to another folder, and every picture would lose its key.
    /// </exception>
    public void Report(FeedFindings findings)
    {
        if (!_isUsed)
        {
            throw new FeedFormatException(
                $"{_path}: no label matches a file of the folder; the first is {_unused.Values.Order(StringComparer.Ordinal).First()}. "
                + "Paths are relative to the file of labels.");
        }

        foreach (var path in _unused.Values.Order(StringComparer.Ordinal))
        {
            findings.Add("labels match no file of the folder", path);
        }
    }
}
