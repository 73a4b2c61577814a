using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Erasures;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Local;

namespace CpfPipeline.Cli.Verbs;

internal sealed class EraseVerb : IVerb
{
    private static readonly Option Content = new("--content", "erase these bytes and every image that shows them, by their SHA-256", Value: "SHA256");
    private static readonly Option Who = new("--who", "who asks for it, for the receipt (default: your user name)", Value: "NAME");
    private static readonly Option Note = new("--note", "why, for the receipt; must not name what is erased", Value: "TEXT");
    private static readonly Option Json = new("--json", "print the receipt as JSON");

    public string Name => "erase";

    public string Summary => "erase an image, or a content everywhere, for good; prints the receipt. Asks nothing";

    public string Usage => "SOURCE EXTERNAL_ID | --content SHA256 [--who NAME] [--note TEXT] [--json]";

    public IReadOnlyList<Option> Options => [Content, Who, Note, Json];

    public int MaxPositionals => 2;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        var request = ErasureRequest.Of(arguments.Positionals, arguments.Value(Content), arguments.Value(Who), arguments.Value(Note));
        var json = arguments.Has(Json);
        var installation = await RunningInstallation.FindOrStartAsync(cancellationToken);
        using var client = FeedSession.ClientOf(installation);
        using var health = new HealthClient();
        var watch = new ServiceWatch(async (service, token) => (await health.ReadAsync(installation.Url(service), token)) != HealthReport.None, TimeProvider.System);
        Erasure? last = null;
        try
        {
            var erasure = await new ErasureRun(client, watch, TimeProvider.System).RunAsync(request, Tell, cancellationToken);
            (json ? (Action<Erasure, TextWriter>)ErasurePrinter.WriteJson : ErasurePrinter.Write)(erasure, Console.Out);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (last is not null)
        {
            await Console.Error.WriteLineAsync($"cpf: stopped waiting; erasure {last.ErasureId} goes on, the same command shows its receipt");
            throw;
        }

        void Tell(Erasure erasure)
        {
            if (last is null && erasure.IsFinished && !json)
            {
                Console.Error.WriteLine("cpf: done already");
            }
            else if (erasure.State != last?.State && !erasure.IsFinished)
            {
                Console.Error.WriteLine(erasure.State == "unlinked"
                    ? "cpf: images are gone and cannot come back; waiting for groups to be split"
                    : "cpf: bytes are gone; waiting for groups to be split");
            }

            last = erasure;
        }
    }
}
