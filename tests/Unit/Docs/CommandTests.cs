using Xunit;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>The commands that pages show exist, with the options shown.</summary>
public sealed class CommandTests
{
    public static TheoryData<string> Pages() => [.. MarkdownPage.Paths];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_OfAPage_HaveKnownVerbsAndOptions(string path) =>
        Assert.Empty(CommandLineOfPage.In(MarkdownPage.Read(path)).Select(CommandLineOfPage.Fault).OfType<string>());

    [Fact]
    public void Commands_OfTheReadme_AreFound()
    {
        var commands = CommandLineOfPage.In(MarkdownPage.Read("README.md")).ToList();
        Assert.Contains("submit products.xml --source shop-b --snapshot", commands);
        Assert.Contains(commands, c => c.StartsWith("backbone add mobilenetv2.onnx backbone.onnx --size 224", StringComparison.Ordinal)
            && c.Contains("--feature", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("up")]
    [InlineData("submit PATH [--source S] [--snapshot]")]
    [InlineData("submit PATH --source=S")]
    [InlineData("train --nightly --wait")]
    [InlineData("train --images labels.csv --backbone F.onnx --out DIR")]
    [InlineData("backbone add IN.onnx OUT.onnx --size 224")]
    [InlineData("VERB --help")]
    public void Fault_OfARightCommand_IsNull(string command) => Assert.Null(CommandLineOfPage.Fault(command));

    [Theory]
    [InlineData("sumbit PATH", "no verb: sumbit PATH")]
    [InlineData("submit PATH [--sauce S]", "no option --sauce: submit PATH [--sauce S]")]
    [InlineData("up --fast", "no option --fast: up --fast")]
    public void Fault_OfAWrongCommand_NamesIt(string command, string expected) => Assert.Equal(expected, CommandLineOfPage.Fault(command));
}
