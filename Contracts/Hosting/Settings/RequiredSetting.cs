using Microsoft.Extensions.Configuration;

namespace CpfPipeline.Hosting.Settings;

internal static class RequiredSetting
{
    /// <summary>A configuration value that must be there.</summary>
    /// <exception cref="SettingException">It is not.</exception>
    public static string Read(IConfiguration configuration, string key) =>
        configuration[key] is { Length: > 0 } value
            ? value
            : throw new SettingException(
                $"The setting {key} is missing: set the environment variable {key.Replace(":", "__", StringComparison.Ordinal)}.");

    /// <summary>What is made of a configuration value that must be there.</summary>
    /// <exception cref="SettingException">It is not, or nothing can be made of it.</exception>
    public static T Read<T>(IConfiguration configuration, string key, Func<string, T> make)
    {
        var text = Read(configuration, key);
        try
        {
            return make(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new SettingException($"The setting {key} cannot be used: {e.Message}");
        }
    }
}
