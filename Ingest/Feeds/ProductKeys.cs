using CpfPipeline.Data.Feeds;
using CpfPipeline.Labels;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Product keys of a folder from a labels.csv: <c>path,label[,split]</c>, paths relative to the file.</summary>
internal sealed class ProductKeys
{
    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unused = new(StringComparer.Ordinal);

    /// <summary>Reads the whole file. Rows of the split <c>distractor</c> and rows without label give no key.</summary>
    /// <exception cref="FeedFormatException">A column is missing, or rows cannot be read.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ProductKeys Read(Feed feed, CancellationToken cancellationToken)
    {
        var (file, keys, reader) = (feed.KeysPath!, new ProductKeys(), new LabelsReader());
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

        return keys;
    }

    /// <summary>The key of a file by its full path, or null.</summary>
    public string? Find(string path)
    {
        var fullPath = Path.GetFullPath(path);
        _unused.Remove(fullPath);
        return _labels.GetValueOrDefault(fullPath);
    }

    /// <summary>Reports rows whose file is not in the folder.</summary>
    public void Report(FeedFindings findings)
    {
        foreach (var path in _unused.Values.Order(StringComparer.Ordinal))
        {
            findings.Add("labels match no file of the folder", path);
        }
    }
}
