using CpfPipeline.Data.Feeds;
using CpfPipeline.Labels;

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
    /// <exception cref="FeedFormatException">A column is missing, rows cannot be read, or there is none.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ProductKeys Read(Feed feed, CancellationToken cancellationToken)
    {
        var (file, keys, reader) = (feed.KeysPath!, new ProductKeys(feed.KeysPath!), new LabelsReader { LabelsOnly = true });
        var interned = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (var row in reader.Read(file, () => FeedFile.Open(file, new FeedFindings()), set: null, cancellationToken))
            {
                keys._unused[row.Path] = row.Name;
                if (row.Label.Length > 0 && row.Split != LabelledSplit.Distractor)
                {
                    interned.TryAdd(row.Label, row.Label);
                    keys._labels[row.Path] = interned[row.Label];
                }
            }

            reader.Faults.ThrowIfAny(file);
        }
        catch (LabelsFileException e)
        {
            throw new FeedFormatException(e.Message);
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

    /// <summary>Reports rows whose file is not in the folder.</summary>
    /// <exception cref="FeedFormatException">
    /// That is true of all rows: the labels belong to another folder, and every picture would lose its key.
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
