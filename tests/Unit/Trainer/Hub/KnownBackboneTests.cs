using CpfPipeline.Trainer.Hub;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Hub;

public sealed class KnownBackboneTests
{
    [Fact]
    public void All_Names_AreInTheReadmeAsTheyAre()
    {
        var page = File.ReadAllText(Path.Combine(Checkout.Root, "Trainer", "README.md"));

        Assert.All(KnownBackbone.All, known => Assert.Contains(
            FormattableString.Invariant($"| `{known.Name}` | {known.Repository} | {known.Dimension} | {known.Licence} |"), page,
            StringComparison.Ordinal));
        Assert.Equal(KnownBackbone.All.Count, KnownBackbone.All.DistinctBy(k => k.Name).Count());
    }
}
