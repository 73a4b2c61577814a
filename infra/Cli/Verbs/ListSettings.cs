using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

/// <summary>What every verb takes that lists what a service answers.</summary>
internal class ListSettings : CommandSettings
{
    [CommandOption("--format <FORMAT>")]
    [Description("table or json.")]
    [AllowedValues("table", "json")]
    [DefaultValue("table")]
    public string Format { get; init; } = "table";

    /// <summary>Prints the list as it was asked for: as the service's own JSON, or as a table.</summary>
    public async Task<int> PrintAsync<T>(
        Func<Task<string>> readJson, Func<Task<IReadOnlyList<T>>> read, Action<IReadOnlyList<T>> writeTable)
    {
        if (Format == "json")
        {
            Console.WriteLine(await readJson());
        }
        else
        {
            writeTable(await read());
        }

        return (int)ExitCode.Done;
    }
}
