using CpfPipeline.Data;

namespace CpfPipeline.Ingest;

/// <summary>Product keys of a folder from a labels.csv: <c>path,label[,split]</c>, paths relative to the file.</summary>
internal sealed class ProductKeys
{
    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);

    /// <summary>Reads the whole file. Rows of the split <c>distractor</c> and rows without label give no key.</summary>
    /// <exception cref="FeedFormatException">A column is missing, or a row has too few or too many fields.</exception>
    public static async Task<ProductKeys> ReadAsync(Feed feed, CancellationToken cancellationToken)
    {
        var keys = new ProductKeys();
        var folder = Path.GetDirectoryName(feed.KeysPath)!;
        var interned = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var rows = DelimitedReader.ReadAsync(feed.KeysPath!, null, [("path", "path"), ("label", "label")], cancellationToken);
            await foreach (var row in rows)
            {
                if (row.Problem is not null)
                {
                    throw new FeedFormatException(row.Problem);
                }

                if (row["path"] is { } path && row["label"] is { } label && row["split"] != "distractor")
                {
                    interned.TryAdd(label, label);
                    keys._labels[Path.GetFullPath(path, folder)] = interned[label];
                }
            }
        }
        catch (FeedFormatException e)
        {
            throw new FeedFormatException($"{feed.KeysPath}: {e.Message}");
        }

        return keys;
    }

    /// <summary>The key of a file by its full path, or null.</summary>
    public string? Find(string path) => _labels.GetValueOrDefault(Path.GetFullPath(path));
}
