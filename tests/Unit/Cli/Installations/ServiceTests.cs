using CpfPipeline.Cli.Installations;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Installations;

public sealed class ServiceTests
{
    [Fact]
    public void Of_AnInstallationThatWasToldNothing_IsOneOfEach() =>
        Assert.Equal(["trainer", "ingest", "embedder", "matcher"], Service.Of(new InstallationState()).Select(s => s.Key));

    [Fact]
    public void Of_SeveralOfEach_HaveNamesOfTheirOwnAndOneTrainer()
    {
        var services = Service.Of(new InstallationState { Each = 3, Joiners = 2 });

        Assert.Equal(
            [
                "Trainer", "Ingest", "Embedder", "Matcher", "Ingest-2", "Embedder-2", "Matcher-2", "Ingest-3", "Embedder-3", "Matcher-3",
                "Joiner", "Joiner-2",
            ],
            services.Select(s => s.Label));
        Assert.Equal(services.Count, services.Select(s => s.Key).Distinct().Count());
    }

    [Fact]
    public void Executable_OfEveryProgram_IsWhereItsProjectPutsIt() =>
        Assert.All(
            Service.Names,
            name =>
            {
                var folder = Path.GetDirectoryName(new Service(name).Executable(Checkout.Root))!;
                var project = Path.Combine(folder, "..", "..", "..", $"{name}.csproj");
                Assert.True(File.Exists(project), $"no project at {project}");
            });
}
