using Microsoft.Extensions.Configuration;

namespace CpfPipeline.Hosting.Settings;

/// <summary>
/// Settings in files, for what must not stand in an environment: a folder with one file a setting, named as the environment variable would
/// be (<c>ConnectionStrings__Postgres</c>). Container engines, Kubernetes and systemd lay secrets so.
/// </summary>
public static class SettingFiles
{
    /// <summary>Key of the folder.</summary>
    public const string FolderKey = "Secrets:Folder";

    /// <summary>
    /// Reads the folder that the configuration names, if it does. A file outranks the environment, and the command line outranks a file.
    /// </summary>
    /// <exception cref="SettingException">The folder is not there.</exception>
    public static void Read(ConfigurationManager configuration, string[] args)
    {
        if (configuration[FolderKey] is not { Length: > 0 } folder)
        {
            return;
        }

        if (!Directory.Exists(folder))
        {
            throw new SettingException($"The setting {FolderKey} names no folder: {folder}.");
        }

        configuration.AddKeyPerFile(Path.GetFullPath(folder)).AddCommandLine(args);
    }
}
