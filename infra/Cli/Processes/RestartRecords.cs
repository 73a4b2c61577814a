using System.Text.Json;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Processes;

/// <summary>The supervisor's records by component, in a file that <c>status</c> reads.</summary>
internal static class RestartRecords
{
    public static IReadOnlyDictionary<string, RestartRecord> Read(Installation installation)
    {
        try
        {
            return File.Exists(PathOf(installation))
                ? JsonSerializer.Deserialize<Dictionary<string, RestartRecord>>(File.ReadAllText(PathOf(installation))) ?? []
                : [];
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return new Dictionary<string, RestartRecord>();
        }
    }

    public static void Write(Installation installation, IReadOnlyDictionary<string, RestartRecord> records) =>
        Installation.WritePrivate(PathOf(installation), JsonSerializer.Serialize(records));

    public static void Delete(Installation installation) => File.Delete(PathOf(installation));

    private static string PathOf(Installation installation) => Path.Combine(installation.Run, "restarts.json");
}
