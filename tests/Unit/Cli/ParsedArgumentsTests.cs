using CpfPipeline.Cli;
using CpfPipeline.Cli.Arguments;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli;

public sealed class ParsedArgumentsTests
{
    private static readonly Option Source = new("--source", "", Value: "S");
    private static readonly Option Json = new("--json", "", Short: "-j");
    private static readonly Option[] Options = [Source, Json];

    [Fact]
    public void Parse_OptionsAroundPositionals_SortsThem()
    {
        var parsed = ParsedArguments.Parse(["a", "--source", "x", "-j", "b", "--source=y=z"], Options, 2);

        Assert.Equal(["a", "b"], parsed.Positionals);
        Assert.Equal(["x", "y=z"], parsed.Values(Source));
        Assert.Equal("y=z", parsed.Value(Source));
        Assert.True(parsed.Has(Json));
    }

    [Fact]
    public void Parse_AfterDoubleDash_TakesWordsAsTheyAre()
    {
        var parsed = ParsedArguments.Parse(["--", "--json", "-x"], Options, 2);

        Assert.Equal(["--json", "-x"], parsed.Positionals);
        Assert.False(parsed.Has(Json));
    }

    [Theory]
    [InlineData("--sauce", "unknown option --sauce")]
    [InlineData("--sauce=1", "unknown option --sauce")]
    [InlineData("-x", "unknown option -x")]
    [InlineData("--source", "--source needs a value")]
    [InlineData("--json=1", "--json takes no value")]
    [InlineData("word", "unexpected argument 'word'")]
    public void Parse_WordOutOfPlace_EndsWithUsageThatNamesIt(string word, string expected)
    {
        var e = Assert.Throws<CommandException>(() => ParsedArguments.Parse([word], Options, 0));

        Assert.Equal(ExitCode.Usage, e.ExitCode);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Help_WinsOverTooManyWords()
    {
        Assert.True(ParsedArguments.Parse(["a", "b", "--help"], Options, 0).WantsHelp);
    }

    [Theory]
    [InlineData("0.5", 0.5)]
    [InlineData("1e-3", 0.001)]
    public void Number_Digits_IsReadInvariantly(string text, double expected)
    {
        Assert.Equal(expected, ParsedArguments.Parse(["--source", text], Options, 0).Number(Source));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("NaN")]
    [InlineData("")]
    public void Number_Other_EndsWithUsage(string text)
    {
        var parsed = ParsedArguments.Parse(["--source", text], Options, 0);

        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => parsed.Number(Source)).ExitCode);
    }
}
