using CpfPipeline.Data.Blobs;
using CpfPipeline.Hosting;

namespace CpfPipeline.Ingest;

/// <summary>What lies in the folder of the blobs unless a setting names another place.</summary>
internal static class BesideBlobs
{
    /// <summary>The default of a path. Where the blobs lie in a bucket there is none.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="setting">Name of the setting in <c>Ingest</c>.</param>
    /// <param name="name">Name of the file or folder.</param>
    /// <exception cref="SettingException">There is no folder, so the setting must be given.</exception>
    public static string PathOf(IConfiguration configuration, string setting, string name) =>
        configuration[BlobSettings.FolderKey] is { Length: > 0 } folder
            ? Path.Combine(folder, name)
            : throw new SettingException(
                $"The setting {IngestOptions.Section}:{setting} is missing: set the environment variable "
                    + $"{IngestOptions.Section}__{setting}. It has a default only beside blobs in a folder ({BlobSettings.FolderKey}).");
}
