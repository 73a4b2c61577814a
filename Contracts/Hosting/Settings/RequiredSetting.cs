using Microsoft.Extensions.Configuration;

namespace CpfPipeline.Hosting.Settings;

internal static class RequiredSetting
{
    /// <summary>A configuration value that must be there.</summary>
    /// <exception cref="ConfigurationMissingException">It is not.</exception>
    public static string Read(IConfiguration configuration, string key) =>
        configuration[key] is { Length: > 0 } value
            ? value
            : throw new ConfigurationMissingException(
                $"The setting {key} is missing: set the environment variable {key.Replace(":", "__", StringComparison.Ordinal)}.");
}
