using System.Globalization;
using System.Text.RegularExpressions;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Demo;
using CpfPipeline.Trainer;
using Xunit;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>Counts and defaults that pages tell are those of the code and of the files.</summary>
public sealed partial class FigureTests
{
    private static string Readme => MarkdownPage.Read("README.md").Text;

    [Fact]
    public void Questions_OfTheCookbook_AreCounted() =>
        Assert.Contains(
            $"answers {Question().Count(MarkdownPage.Read("infra/sql/README.md").Text)} questions", Readme, StringComparison.Ordinal);

    [Fact]
    public void Pictures_OfTheDemonstration_AreCounted()
    {
        var pictures = DemoSellers.ByVendor.Values.Sum(seller => File.ReadLines(Checkout.At($"infra/demo/{seller}.csv")).Count() - 1);
        var copied = (pictures + DemoCopies.Every - 1) / DemoCopies.Every;
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"groups {pictures + (DemoCopies.PerImage * copied):N0} pictures"), Readme,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Schedule_OfTheNights_IsTheDefault()
    {
        var options = new TrainerOptions();
        Assert.Equal(("30 2 * * *", "UTC"), (options.Schedule, options.ScheduleTimeZone));
        Assert.Contains("at 02:30 UTC", Readme, StringComparison.Ordinal);
    }

    [Fact]
    public void ExitCodes_OfTheCommandLine_AreEachExplained() =>
        Assert.Equal(
            Enum.GetValues<ExitCode>().Select(c => ((int)c).ToString(CultureInfo.InvariantCulture)),
            MarkdownPage.Read("infra/Cli/README.md").FirstCells("exit code"));

    [Fact]
    public void ExitCodes_OfTheReadme_AreThoseOfTheCommandLine()
    {
        var words = string.Join(' ', Readme.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(int)ExitCode.Done} when all were taken, {(int)ExitCode.Rejected} when some were rejected, "
                + $"{(int)ExitCode.RefusedByGate} when a snapshot was refused, {(int)ExitCode.FeedFailed} when the feed failed as a whole"),
            words, StringComparison.Ordinal);
        Assert.Contains(
            string.Create(
                CultureInfo.InvariantCulture,
                $"# {(int)ExitCode.Done} a new model is active, {(int)ExitCode.RefusedByGate} refused, "
                + $"{(int)ExitCode.TooLittleData} too little data"),
            words, StringComparison.Ordinal);
    }

    [Fact]
    public void Readme_UpToTheReference_IsAScreenAndAHalf()
    {
        var lines = Readme.Split("\n---\n")[0].Split('\n');
        Assert.InRange(lines.Length, 40, 75);
    }

    [GeneratedRegex("^### [0-9]+\\. ", RegexOptions.Multiline)]
    private static partial Regex Question();
}
