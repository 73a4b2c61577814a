using CpfPipeline.Cli;
using CpfPipeline.Cli.Installations;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Installations;

public sealed class GivenTextTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void Of_Variable_IsItsValue() => Assert.Equal("Host=a", Of(("CPF_POSTGRES", "Host=a")));

    [Fact]
    public void Of_File_IsItsTextWithoutTheLineEnd()
    {
        File.WriteAllText(_file, "Host=a b\n");
        Assert.Equal("Host=a b", Of(("CPF_POSTGRES_FILE", _file)));
    }

    [Fact]
    public void Of_VariableAndFile_IsTheVariable() => Assert.Equal("Host=a", Of(("CPF_POSTGRES", "Host=a"), ("CPF_POSTGRES_FILE", _file)));

    [Fact]
    public void Of_Neither_IsNull() => Assert.Null(Of(("CPF_POSTGRES", "")));

    [Fact]
    public void Of_EmptyFile_IsAnError() =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => Of(("CPF_POSTGRES_FILE", _file))).ExitCode);

    [Fact]
    public void Of_FileThatIsNotThere_NamesTheVariable() =>
        Assert.StartsWith(
            "CPF_POSTGRES_FILE: ", Assert.Throws<CommandException>(() => Of(("CPF_POSTGRES_FILE", "/no/such"))).Message,
            StringComparison.Ordinal);

    public void Dispose() => File.Delete(_file);

    private static string? Of(params (string Name, string Value)[] environment) =>
        GivenText.Of("CPF_POSTGRES", name => environment.FirstOrDefault(v => v.Name == name).Value);
}
