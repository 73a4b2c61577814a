using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using CpfPipeline.Cli.Verbs;
using CpfPipeline.CommandLine;
using CpfPipeline.Trainer.Offline;
using Xunit;

namespace CpfPipeline.Tests.Unit.CommandLine;

/// <summary>Promises that hold for every verb of both programs. What the verbs and their options are is read from the programs.</summary>
public sealed class VerbModelTests
{
    private static readonly (
        string Name, VerbProgram Program)[] Programs = [("cli", VerbTable.Program), ("trainer", OfflineCommand.Program)];

    public static TheoryData<string, string> Verbs() => [.. Programs.SelectMany(p => p.Program.Verbs.Select(v => (p.Name, v.Name)))];

    public static TheoryData<string, string, string> Options() =>
        [.. Programs.SelectMany(p => p.Program.Verbs.SelectMany(v => v.Options.Select(o => (p.Name, v.Name, o.Name))))];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Help_OfEachVerb_ListsEachOptionAndArgumentWithItsMeaning(string program, string name)
    {
        var verb = Find(program, name);

        var (code, output, error) = await RunAsync(program, [.. verb.Path, "a", "word", "too", "many", "--help"]);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"infra/cpf {name}", output, StringComparison.Ordinal);
        foreach (var option in verb.Options)
        {
            Assert.All(option.Names, n => Assert.Contains(n, output, StringComparison.Ordinal));
            Assert.Contains(option.ValueName is null
                ? option.Name : $"{option.Name} <{option.ValueName}>", output, StringComparison.Ordinal);
            Assert.Contains(string.Join(' ', option.Description.Split(' ').Take(2)), output, StringComparison.Ordinal);
            Assert.EndsWith(".", option.Description, StringComparison.Ordinal);
        }

        Assert.All(verb.Arguments, a => Assert.Contains(a.IsRequired ? $"<{a.Name}>" : $"[{a.Name}]", output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    public async Task Help_OfAProgram_ListsEachVerb(params string[] words)
    {
        foreach (var (name, program) in Programs)
        {
            var (code, output, _) = await RunAsync(name, words);
            Assert.Equal(0, code);
            Assert.All(program.Verbs, v => Assert.Contains($"\n    {v.Path[0]} ", output, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Read_EachOptionInBothForms_BindsTheSame(string program, string name, string option)
    {
        var verb = Find(program, name);
        var one = verb.Options.Single(o => o.Name == option);
        var (text, expected) = Example(one.Property);
        string[][] forms = one.ValueName is null ? [[one.Name]] : [[one.Name, text], [$"{one.Name}={text}"]];
        string[] needed =
        [
            .. verb.Arguments.Where(a => a.IsRequired).Select(a => Example(a.Property).Text),
            .. verb.Options.Where(o => o.IsRequired && o != one).Select(o => $"{o.Name}={Example(o.Property).Text}"),
        ];

        foreach (var form in forms)
        {
            var (settings, code, error) = await BoundSettings.ReadAsync(verb, [.. needed, .. form]);
            Assert.True(code == 0, error);
            Assert.Equal(expected, one.Property.GetValue(settings));
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Run_MisspeltOption_SuggestsTheRightOne(string program, string name, string option)
    {
        var (code, output, error) = await RunAsync(program, [.. name.Split(' '), option[..^1]]);

        Assert.Equal((VerbProgram.WrongUsage, ""), (code, output));
        Assert.Contains($"unknown option {option[..^1]} of {name}; did you mean {option}? (infra/cpf {name} --help tells more)", error,
            StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Run_MisspeltVerb_SuggestsTheRightOne(string program, string name)
    {
        var (code, output, error) = await RunAsync(program, name[..^1].Split(' '));

        Assert.Equal((VerbProgram.WrongUsage, ""), (code, output));
        Assert.Contains(
            $"unknown verb '{name[..^1]}'; did you mean {name}? (infra/cpf --help tells more)", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Run_Version_PrintsIt()
    {
        foreach (var (name, _) in Programs)
        {
            var (code, output, _) = await RunAsync(name, ["--version"]);
            Assert.Equal(0, code);
            Assert.Matches(@"^\d+\.\d+\.\d+", output);
        }
    }

    [Fact]
    public async Task Run_BranchAlone_NamesItsVerbs()
    {
        var (code, _, error) = await RunAsync("trainer", ["backbone"]);
        Assert.Equal(VerbProgram.WrongUsage, code);
        Assert.Contains("backbone needs one of add, get, list, resnet, default, fit", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Verbs_OfAProgram_AreNamedOnce() =>
        Assert.All(Programs, p => Assert.Equal(p.Program.Verbs.Select(v => v.Name).Distinct(), p.Program.Verbs.Select(v => v.Name)));

    // The list of verbs is one for the user: what the Trainer's executable knows is also in the help of infra/cpf.
    [Fact]
    public void Verbs_OfTheTrainer_AreListedByTheCommandLine() =>
        Assert.Empty(OfflineCommand.Program.Verbs.Select(v => v.Path[0]).Except(VerbTable.Program.Verbs.Select(v => v.Name)));

    private static (string Text, object Value) Example(PropertyInfo property)
    {
        var type = property.PropertyType.IsArray ? property.PropertyType.GetElementType()! : property.PropertyType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(bool))
        {
            return ("", true);
        }

        var text = property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed ? (string)allowed.Values[^1]!
            : property.GetCustomAttribute<RangeAttribute>() is { } range ? Within(range)
            : type == typeof(string) ? "a=b,c" : "3";
        var value = Convert.ChangeType(text, type, CultureInfo.InvariantCulture);
        return (text, property.PropertyType.IsArray ? new[] { text } : value);
    }

    private static string Within(RangeAttribute range)
    {
        var (min, max) = (
            Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture), Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));
        return (range.OperandType == typeof(double) && max <= 10 ? (min + max) / 2 : min + 1).ToString(CultureInfo.InvariantCulture);
    }

    private static Verb Find(string program, string name) =>
        Programs.Single(p => p.Name == program).Program.Verbs.Single(v => v.Name == name);

    private static async Task<(int Code, string Output, string Error)> RunAsync(string program, IReadOnlyList<string> words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var console = new OfflineConsole(output, error, TimeProvider.System);
        var code = await Programs.Single(p => p.Name == program).Program.RunAsync(
            words, output, error, services => services.RegisterInstance(console), TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
