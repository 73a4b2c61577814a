using System.Globalization;
using CpfPipeline.Trainer.Hub;
using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>backbone list</c>: the short names that <c>backbone get</c> knows.</summary>
internal sealed class BackboneListVerb(OfflineConsole console) : Command<EmptyCommandSettings>
{
    public override int Execute(CommandContext context, EmptyCommandSettings settings, CancellationToken cancellationToken)
    {
        foreach (var one in KnownBackbone.All)
        {
            console.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{one.Name,-14} {one.Dimension,4} values  {one.Licence,-10}  {one.Repository}"));
        }

        return 0;
    }
}
