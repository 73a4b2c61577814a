using CpfPipeline.Cli;
using CpfPipeline.Cli.Verbs;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Verbs;

public sealed class VerbTableTests
{
    [Theory]
    [InlineData("unknown verb 'frobnicate' (infra/cpf --help tells more)", "frobnicate")]
    [InlineData("unknown verb 'subimt'; did you mean submit?", "subimt")]
    [InlineData("unknown option --fast", "--fast", "up")]
    [InlineData("unknown option --fast of up", "up", "--fast")]
    [InlineData("unexpected argument 'now'", "up", "now")]
    [InlineData("no suite named 'Units'; did you mean Unit?", "test", "Units")]
    [InlineData("submit needs PATH; PATH is missing", "submit", "--snapshot")]
    [InlineData("no such file or folder: /no/such/folder", "submit", "/no/such/folder", "--source", "x")]
    [InlineData("unknown option --snapshto of submit; did you mean --snapshot?", "submit", "--snapshto")]
    [InlineData("--format is \"xml\", not one of table, json, csv", "groups", "--format=xml")]
    [InlineData("--top is \"0\", not a whole number from 1 to 1000", "groups", "--html", "g.html", "--top", "0")]
    [InlineData("--top is \"1001\", not a whole number from 1 to 1000", "groups", "--html", "g.html", "--top", "1001")]
    [InlineData("--order is \"newest\", not one of doubt, size", "groups", "--html", "g.html", "--order", "newest")]
    [InlineData("--top and --order go with --html FILE", "groups", "--top", "5")]
    [InlineData("--top and --order go with --html FILE", "groups", "--order", "size")]
    [InlineData("--format json does not go with it", "groups", "--html", "g.html", "--format", "json")]
    [InlineData("-n is \"x\", not a whole number from 0 to 1000000", "logs", "-n", "x")]
    [InlineData("VERDICT is \"sam\", not one of same, different, withdrawn", "verdict", "sam", "a", "b", "c", "d")]
    [InlineData("verdict takes two images: SOURCE EXTERNAL_ID SOURCE EXTERNAL_ID", "verdict", "same", "a", "b", "c")]
    [InlineData("placeholder does not know 'lst'; did you mean list?", "placeholder", "lst")]
    [InlineData("limit takes a number of products, 2 or more, not '1'", "placeholder", "limit", "1")]
    [InlineData("placeholder takes list, limit N, or mark, keep or auto with SOURCE EXTERNAL_ID", "placeholder", "mark", "shop")]
    [InlineData("erase takes the source and the external id of an image", "erase", "shop")]
    [InlineData("--since takes a time (2026-11-29T21:00Z, UTC without a zone) or how long ago", "replay", "--since", "yesterday")]
    [InlineData("--until takes a time", "replay", "--until", "5x")]
    [InlineData("--since reaches 36500 days back at most", "replay", "--since", "99999999d")]
    [InlineData("--since is not before --until", "replay", "--since", "1h", "--until", "2h")]
    [InlineData("--limit is \"0\", not a whole number", "replay", "--limit", "0")]
    [InlineData("unknown option --dryrun of replay; did you mean --dry-run?", "replay", "--dryrun")]
    [InlineData("train takes --nightly", "train")]
    [InlineData("--threshold-precision is \"2\", not a number between 0 and 1", "train", "--nightly", "--threshold-precision", "2")]
    [InlineData("--threshold-precision is \"high\", not a number between 0 and 1", "train", "--nightly", "--threshold-precision", "high")]
    [InlineData("unexpected argument 'labels.csv'", "train", "--nightly", "labels.csv")]
    [InlineData("activate needs ID; ID is missing", "activate")]
    [InlineData("ID is \"newest\", not a whole number of at least 0", "activate", "newest")]
    [InlineData("unknown option -1", "activate", "-1")]
    [InlineData("unexpected argument '5'", "rollback", "5")]
    [InlineData("--format is \"xml\", not one of table, json", "models", "--format", "xml")]
    [InlineData("unknown verb 'models imprt'; did you mean models import? (infra/cpf --help tells more)", "models", "imprt", "folder")]
    [InlineData("models import needs DIR; DIR is missing (infra/cpf models import --help tells more)", "models", "import")]
    [InlineData("there is no model folder /no/such/folder", "models", "import", "/no/such/folder")]
    [InlineData(
        "unknown option --fromat of models list; did you mean --format? (infra/cpf models list --help", "models", "--fromat", "json")]
    [InlineData("models export needs ID DIR; DIR is missing", "models", "export", "3")]
    [InlineData("evaluate is a verb of the Trainer: start it with infra/cpf", "evaluate")]
    [InlineData("why needs A B; B is missing", "why", "shop-a/1")]
    [InlineData("'4711' names no picture: write SOURCE/EXTERNAL_ID, or the 64 digits of its SHA-256", "why", "4711", "shop-a/1")]
    [InlineData("--count is \"0\", not a whole number from 1 to 1000", "similar", "shop-a/1", "--count", "0")]
    [InlineData("--what is \"all\", not one of groups, members, pairs, changes", "export", "--what", "all")]
    [InlineData("SHELL is \"fish\", not one of bash, zsh", "completions", "fish")]
    [InlineData("--watch goes with neither --json nor --addresses", "status", "--watch", "--json")]
    public async Task RunAsync_WrongWords_ReturnsUsageWithOneLineThatSaysWhatIsWrong(string expected, params string[] words)
    {
        var error = new StringWriter();

        var code = await VerbTable.Program.RunAsync(words, TextWriter.Null, error, _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal((int)ExitCode.Usage, code);
        Assert.StartsWith("cpf: ", error.ToString(), StringComparison.Ordinal);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public void Explain_ServerThatIsDown_SaysWhatStartsIt()
    {
        var failure = VerbTable.Program.Explain(
            new Npgsql.NpgsqlException("Failed to connect to 127.0.0.1:20003", new System.Net.Sockets.SocketException(111)));

        Assert.Equal((int)ExitCode.Infrastructure, failure!.ExitCode);
        Assert.Contains("infra/cpf up starts it", failure.Message, StringComparison.Ordinal);
    }
}
