using System.Text.RegularExpressions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Deployment;

public sealed partial class DockerfileTests
{
    private const string Good = """
        ARG BASE=some/image:1.2
        FROM ${BASE} AS base
        ENV Urls=http://+:8080
        USER 1654:1654
        FROM base AS service
        HEALTHCHECK CMD ["/app", "health"]
        ENTRYPOINT ["/app"]
        """;

    [Fact]
    public void Faults_OfOurs_AreNone() => Assert.Empty(Dockerfile.OfServices.Faults());

    [Fact]
    public void Faults_OfAGoodOne_AreNone() => Assert.Empty(new Dockerfile(Good).Faults());

    [Theory]
    [InlineData("some/image:1.2", "some/image:latest")]
    [InlineData("some/image:1.2", "some/image")]
    [InlineData("ENV Urls", "ADD https://example.com/x /x\nENV Urls")]
    [InlineData("ENV Urls", "ENV DB_PASSWORD=x Urls")]
    [InlineData("ARG BASE", "ARG NPM_TOKEN\nARG BASE")]
    [InlineData("USER 1654:1654", "USER 0:0")]
    [InlineData("USER 1654:1654", "USER app")]
    [InlineData("USER 1654:1654\n", "")]
    [InlineData("HEALTHCHECK", "RUN echo\nHEALTHCHECK")]
    [InlineData("ENTRYPOINT [\"/app\"]", "ENTRYPOINT /app")]
    [InlineData("CMD [\"/app\", \"health\"]", "CMD /app health")]
    [InlineData("HEALTHCHECK CMD [\"/app\", \"health\"]\n", "")]
    public void Faults_OfABadOne_AreNamed(string good, string bad) =>
        Assert.Single(new Dockerfile(Good.Replace(good, bad, StringComparison.Ordinal)).Faults());

    [Fact]
    public void Stages_OfOurs_AreTheServicesAndTheTool()
    {
        var programs = Dockerfile.OfServices.Stages.Where(s => s.Value.Any(i => i.Word == "ENTRYPOINT")).ToDictionary();
        Assert.Equal(["embedder", "ingest", "joiner", "matcher", "tools", "trainer"], programs.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, instructions) in programs)
        {
            // What is copied is the output of the project whose program is started.
            var program = name == "tools" ? "Cli" : char.ToUpperInvariant(name[0]) + name[1..];
            var folder = name switch { "tools" => "infra/Cli", "joiner" => "Matcher/Joiner", _ => program };
            Assert.Contains(
                instructions, i => i.Word == "COPY" && i.Text == $"--from=build /source/{folder}/bin/Release/net10.0/publish .");
            Assert.Equal(
                $"[\"/usr/share/dotnet/dotnet\", \"CpfPipeline.{program}.dll\"]", instructions.Single(i => i.Word == "ENTRYPOINT").Text);
            Assert.True(File.Exists(Checkout.At($"{folder}/{program}.csproj")), folder);
        }
    }

    [Fact]
    public void Settings_OfOurs_AreKnown() =>
        Assert.Empty(SettingNames.Unknown(Dockerfile.OfServices.Stages["ingest"].Where(i => i.Word == "ENV")
            .SelectMany(i => Assigned().Matches(i.Text).Select(m => m.Groups[1].Value))));

    [Fact]
    public void Context_OfTheBuild_HoldsEveryProjectThatIsPublished()
    {
        var lines = File.ReadAllLines(Checkout.At("infra/container/Dockerfile.dockerignore"));
        Assert.Equal("**", lines.First(l => !l.StartsWith('#')));
        var let = lines.Where(l => l.StartsWith('!')).Select(l => l[1..]).ToList();
        Assert.All(let, path => Assert.True(Path.Exists(Checkout.At(path)), path));

        // Everything outside of their own folders that project files name.
        var needed = Checkout.Files("", "*.csproj").Where(p => !p.StartsWith("tests/", StringComparison.Ordinal))
            .SelectMany(p => Outside().Matches(File.ReadAllText(Checkout.At(p)))
                .Select(m => Path.Combine(Checkout.At(Path.GetDirectoryName(p)!), m.Groups[1].Value.Split('*')[0]))
                .Select(path => Checkout.Relative(Path.GetFullPath(path))))
            .Concat(["infra/build", "infra/local/services.slnf", "global.json", "Directory.Build.props", "Directory.Packages.props"]);
        Assert.All(needed, n => Assert.Contains(let, l => n == l || (n + "/").StartsWith(l + "/", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"(\w+)=")]
    private static partial Regex Assigned();

    [GeneratedRegex(@"Include=""(\.\./[^""]+)""")]
    private static partial Regex Outside();
}
