using System.ComponentModel.DataAnnotations;
using CpfPipeline.CommandLine;
using Spectre.Console.Cli;
using Xunit;

namespace CpfPipeline.Tests.Unit.CommandLine;

public sealed class VerbWordsTests
{
    private static readonly Verb Verb = Verb.Of<BoundSettings.Probe<Settings>>("take", "Take.");

    [Fact]
    public async Task Read_OptionsAroundPositionals_SortsThem()
    {
        var read = await ReadAsync("a", "--source", "x", "-j", "b", "--source=y=z", "--each", "1", "--each=2");

        Assert.Equal(["a", "b"], read.Words);
        Assert.Equal("y=z", read.Source);
        Assert.Equal(["1", "2"], read.Each);
        Assert.True(read.Json);
    }

    [Fact]
    public async Task Read_AfterDoubleDash_TakesWordsAsTheyAre()
    {
        var read = await ReadAsync("--", "--json", "-x", "a");

        Assert.Equal(["--json", "-x", "a"], read.Words);
        Assert.False(read.Json);
    }

    [Theory]
    [InlineData("--source", "-5 % off")]
    [InlineData("--source=-5 % off")]
    public async Task Read_ValueThatBeginsWithADash_IsTaken(params string[] words) =>
        Assert.Equal("-5 % off", (await ReadAsync(words)).Source);

    [Theory]
    [InlineData("--source", "")]
    [InlineData("--source=")]
    public async Task Read_EmptyValue_IsTaken(params string[] words) => Assert.Equal("", (await ReadAsync(words)).Source);

    [Theory]
    [InlineData("unknown option --sauce of take; did you mean --source?", "--sauce")]
    [InlineData("unknown option --sauce of take; did you mean --source?", "--sauce=1")]
    [InlineData("unknown option -x of take", "-x")]
    [InlineData("--source needs a value: S", "--source")]
    [InlineData("--source needs a value: S", "--source", "--json")]
    [InlineData("--json takes no value", "--json=1")]
    [InlineData("--count is \"many\", not a whole number from 2 to 9", "--count", "many")]
    [InlineData("--count is \"1\", not a whole number from 2 to 9", "--count=1")]
    [InlineData("--kind is \"blue\", not one of red, green", "--kind=blue")]
    public async Task Read_WordOutOfPlace_EndsWithOneLineThatNamesIt(string expected, params string[] words)
    {
        var (_, code, error) = await BoundSettings.ReadAsync(Verb, words);

        Assert.Equal(VerbProgram.WrongUsage, code);
        Assert.StartsWith(expected.Replace(" of take", " of probe", StringComparison.Ordinal), error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("unexpected argument 'c'", "a", "b", "c")]
    [InlineData("probe needs FROM; FROM is missing")]
    public async Task Read_WrongNumberOfWords_SaysWhich(string expected, params string[] words)
    {
        var (_, code, error) = await BoundSettings.ReadAsync(Verb.Of<BoundSettings.Probe<TwoWords>>("move", "Move."), words);

        Assert.Equal(VerbProgram.WrongUsage, code);
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.5", 0.5)]
    [InlineData("1e-3", 0.001)]
    public async Task Read_Number_IsReadInvariantly(string text, double expected) =>
        Assert.Equal(expected, (await ReadAsync("--share", text)).Share);

    [Theory]
    [InlineData("abc")]
    [InlineData("NaN")]
    [InlineData("")]
    [InlineData("0,5")]
    public async Task Read_NoNumber_EndsWithUsage(string text)
    {
        var (_, code, error) = await BoundSettings.ReadAsync(Verb, "--share", text);

        Assert.Equal(VerbProgram.WrongUsage, code);
        Assert.StartsWith($"--share is \"{text}\", not a number", error, StringComparison.Ordinal);
    }

    private static Task<Settings> ReadAsync(params string[] words) => BoundSettings.OfAsync<Settings>(Verb, words);

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "[WORDS]")]
        public string[] Words { get; init; } = [];

        [CommandOption("--source <S>")]
        public string? Source { get; init; }

        [CommandOption("-j|--json")]
        public bool Json { get; init; }

        [CommandOption("--count <N>")]
        [Range(2, 9)]
        public int? Count { get; init; }

        [CommandOption("--share <P>")]
        public double? Share { get; init; }

        [CommandOption("--kind <K>")]
        [AllowedValues("red", "green")]
        public string? Kind { get; init; }

        [CommandOption("--each <E>")]
        public string[] Each { get; init; } = [];
    }

    internal sealed class TwoWords : CommandSettings
    {
        [CommandArgument(0, "<FROM>")]
        public string From { get; init; } = "";

        [CommandArgument(1, "[TO]")]
        public string? To { get; init; }
    }
}
