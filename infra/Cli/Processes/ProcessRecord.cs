using System.Text.Json;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Processes;

/// <summary>A process that outlives the command that started it.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartTicks">Its start in clock ticks since boot. It tells the process from a later one with the same id.</param>
/// <param name="Fingerprint">What it was started from; see <see cref="ServiceProcesses"/>.</param>
/// <param name="Boot">The system's boot id: ticks begin anew with every boot.</param>
internal sealed record ProcessRecord(int Pid, long StartTicks, string Fingerprint = "", string Boot = "")
{
    // Sandboxes may lack the file. Their processes do not survive a boot anyway.
    private static readonly string ThisBoot = File.Exists(BootId) ? File.ReadAllText(BootId).Trim() : "";
    private const string BootId = "/proc/sys/kernel/random/boot_id";

    public bool IsAlive => (Boot.Length == 0 || Boot == ThisBoot) && ProcessTable.StartTicks(Pid) == StartTicks;

    /// <summary>The live process recorded for a component, or null.</summary>
    public static ProcessRecord? Read(Installation installation, string component)
    {
        var path = PathOf(installation, component);
        try
        {
            return File.Exists(path) && JsonSerializer.Deserialize<ProcessRecord>(File.ReadAllText(path)) is { IsAlive: true } record
                ? record
                : null;
        }
        catch (JsonException)
        {
            return null; // cut off by a crash: the process is found by its marker instead
        }
    }

    /// <summary>Records a process that was just started; null when it has ended already.</summary>
    public static ProcessRecord? Write(Installation installation, string component, int pid, string fingerprint)
    {
        if (ProcessTable.StartTicks(pid) is not { } ticks)
        {
            return null;
        }

        var record = new ProcessRecord(pid, ticks, fingerprint, ThisBoot);
        Installation.WritePrivate(PathOf(installation, component), JsonSerializer.Serialize(record));
        return record;
    }

    public static void Delete(Installation installation, string component) => File.Delete(PathOf(installation, component));

    private static string PathOf(Installation installation, string component) => Path.Combine(installation.Run, component + ".json");
}
