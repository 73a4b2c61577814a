using CpfPipeline.Data.Objects;
using Microsoft.Extensions.Configuration;

namespace CpfPipeline.Data.Blobs;

/// <summary>Where the blobs are, as settings name it: in a bucket (<c>Blobs:S3</c>) or in a folder (<c>Blobs:Folder</c>).</summary>
public static class BlobSettings
{
    /// <summary>Setting of the folder.</summary>
    public const string FolderKey = "Blobs:Folder";

    /// <summary>The bucket's settings; null when the blobs lie in a folder.</summary>
    /// <exception cref="FormatException">They cannot be used; the message says which of them and why.</exception>
    public static ObjectStoreOptions? Bucket(IConfiguration configuration)
    {
        ObjectStoreOptions options;
        try
        {
            options = configuration.GetSection(ObjectStoreOptions.Section).Get<ObjectStoreOptions>() ?? new ObjectStoreOptions();
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException(e.Message); // A value that is no number, no time and so on.
        }

        if (!options.IsEnabled && configuration.GetSection(ObjectStoreOptions.Section).GetChildren().Any(c => c.Value is { Length: > 0 }))
        {
            throw new FormatException(
                $"{ObjectStoreOptions.Section}:Bucket is missing, and other settings of {ObjectStoreOptions.Section} are given.");
        }

        var problems = options.Problems().Select(problem => $"{ObjectStoreOptions.Section}:{problem}").ToList();
        return problems.Count > 0 ? throw new FormatException(string.Join(" ", problems)) : options.IsEnabled ? options : null;
    }
}
