using System.Text.Json;
using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Review;

namespace CpfPipeline.Cli.Verbs;

internal sealed class VerdictVerb : IVerb
{
    private static readonly Option Who = new("--who", "who says so (default: the user of this machine)", Value: "NAME");
    private static readonly Option Note = new("--note", "why", Value: "TEXT");
    private static readonly Option AsJson = new("--json", "print the answer as JSON");

    public string Name => "verdict";

    public string Summary => "say that two images show the same product, or different ones, or take that back";

    public string Usage => "same|different|withdrawn SOURCE EXTERNAL_ID|content SHA256 SOURCE EXTERNAL_ID|content SHA256 [--who NAME] [--note TEXT] [--json]";

    public IReadOnlyList<Option> Options => [Who, Note, AsJson];

    public int MaxPositionals => 5;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.Positionals is not [("same" or "different" or "withdrawn") and var word, var sourceA, var idA, var sourceB, var idB])
        {
            throw CommandException.Usage($"verdict takes {Usage}");
        }

        var request = new VerdictRequest(
            PictureName.Of(sourceA, idA), PictureName.Of(sourceB, idB), word, arguments.Value(Who) ?? Environment.UserName, arguments.Value(Note));
        using var client = FeedSession.ClientOf(await RunningInstallation.FindOrStartAsync(cancellationToken));
        var taken = await client.GiveVerdictAsync(request, cancellationToken);
        Console.WriteLine(arguments.Has(AsJson) ? JsonSerializer.Serialize(taken, PipelineClient.Json) : Tell(taken));
        return ExitCode.Done;
    }

    private static string Tell(VerdictTaken taken)
    {
        var verdict = taken.Changed ? taken.Verdict : taken.Verdict == "withdrawn" ? "there was no such verdict" : $"{taken.Verdict} (stood already)";
        return taken.GroupA is null || taken.GroupB is null
            ? $"{verdict}: {(taken.GroupA is null && taken.GroupB is null ? "neither is" : "one of them is not")} matched at present (a placeholder, or not embedded yet)"
            : taken.Pending
            ? $"{verdict}: their component is large; the groups follow in the background (infra/cpf status shows pending)"
            : $"{verdict}: now {(taken.SameGroup ? $"both in group {taken.GroupA}" : $"in groups {taken.GroupA} and {taken.GroupB}")}";
    }
}
