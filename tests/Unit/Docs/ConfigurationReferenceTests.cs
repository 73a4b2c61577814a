using System.Text.RegularExpressions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>The reference lists every setting as the code has it, and no other.</summary>
public sealed partial class ConfigurationReferenceTests
{
    private const string Path = "infra/CONFIGURATION.md";
    private static readonly GeneratedPart Part = new(
        Path, "<!-- Made from the options classes: CPF_WRITE_REFERENCE=1 infra/cpf test Unit --class \"*ConfigurationReference*\" -->\n",
        "<!-- Until here. -->\n");

    // Of the system, of other tools, or what a part of the command line tells another part.
    private static readonly string[] Foreign =
    [
        "PATH", "CPF_INSTALLATION", "CPF_POSTGRES_OUTSIDE", "CPF_POSTGRES_PASSWORD", "CPF_POSTGRES_PORT", "CPF_POSTGRES_RESET",
    ];

    [Fact]
    public void Tables_OfTheReference_AreThoseOfTheOptionsClasses() =>
        Part.AssertIs(string.Concat(SettingLines.BySection.Select(section =>
            $"\n## {section.Key}\n\n| setting | variable | kind | default | meaning |\n|---|---|---|---|---|\n"
            + string.Concat(section.Select(line => $"{line}\n")))) + "\n");

    [Fact]
    public void Settings_OfEveryClass_HaveAMeaning() =>
        Assert.Empty(SettingLines.All.Where(l => l.Meaning.Length < 10).Select(l => l.Key));

    [Fact]
    public void Settings_ThatAServiceReadsWithoutAClass_AreOnThePage()
    {
        var listed = MarkdownPage.Read(Path).FirstCells("setting").Select(c => c.Trim('`')).ToHashSet();
        var read = Sources().SelectMany(s => Key().Matches(s)).Select(m => m.Groups[1].Value
            .Replace("{PostgresDataSource.ConnectionStringName}", "Postgres", StringComparison.Ordinal)).Distinct().ToList();

        Assert.Contains("Blobs:Folder", read);
        Assert.Contains("ConnectionStrings:Postgres", read);
        Assert.Contains("Secrets:Folder", read);

        // The first is set by us, not read. Names made of parts are those of OpenTelemetry, which infra/telemetry lists.
        string[] notHere = ["ForwardedHeaders_Enabled", .. read.Where(k => k.Contains('{', StringComparison.Ordinal))];
        Assert.Empty(read.Except(listed).Except(notHere));
    }

    [Fact]
    public void Variables_ThatTheCommandLineReads_AreOnThePage()
    {
        var listed = MarkdownPage.Read(Path).FirstCells("variable").SelectMany(c => c.Split(", ")).Select(c => c.Trim('`')).ToHashSet();
        var read = Sources().SelectMany(s => Variable().Matches(s)).Select(m => m.Groups[1].Value)
            .Concat(Cpf().Matches(File.ReadAllText(Checkout.At("infra/cpf"))).Select(m => m.Value)).Distinct().ToList();

        Assert.Contains("CPF_POSTGRES", read);
        Assert.Empty(read.Except(listed).Except(Foreign));
    }

    private static IEnumerable<string> Sources() =>
        new[] { "Contracts", "Ingest", "Embedder", "Matcher", "Trainer", "infra/Cli" }
            .SelectMany(f => Checkout.Files(f, "*.cs")).Select(f => File.ReadAllText(Checkout.At(f)));

    [GeneratedRegex(@"(?:onfiguration(?:>\(\))?\[\$?|RequiredSetting\.Read\(\s*[\w.]+,\s*\$?|string FolderKey = )""([\w:{}.]+)""")]
    private static partial Regex Key();

    [GeneratedRegex(
        @"(?:\bGiven|GivenText\.Of|\bRead|GetEnvironmentVariable|\bgiven\[|\bvariable|Variable = )\(?""((?:CPF|HF)_[A-Z_]+|PATH)""")]
    private static partial Regex Variable();

    [GeneratedRegex("CPF_[A-Z_]+")]
    private static partial Regex Cpf();
}
