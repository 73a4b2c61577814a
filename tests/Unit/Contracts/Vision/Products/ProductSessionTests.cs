using CpfPipeline.Vision.Products;
using CpfPipeline.Vision.Sessions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Products;

public sealed class ProductSessionTests
{
    private static readonly SessionSettings OnCpu = new() { Provider = ExecutionProviderRequest.Cpu };

    [Fact]
    public void Open_WithoutADevice_IsInFloat32()
    {
        using var session = new ProductSession(4, OnCpu);

        Assert.Equal((ProductType.Float32, "cpu"), (session.Type, session.Provider.Name));
    }

    [Theory]
    [InlineData(ProductType.Float32)]
    [InlineData(ProductType.Float16)]
    public void Run_RowsOfSeveralRuns_NamesThePairsThatReachTheirRowsThreshold(ProductType type)
    {
        using var session = new ProductSession(2, OnCpu, type);
        Half[][] rows = [[(Half)1, (Half)0], [(Half)0, (Half)1], [(Half)0.5, (Half)0.5]];
        var pairs = new List<(int, int, float)>();

        session.SetRight(3, (row, to) => rows[row].CopyTo(to));
        session.Run(3, (row, to) => rows[row].CopyTo(to), row => row == 2 ? 0.75f : 0.5f, (a, b, p) => pairs.Add((a, b, p)));
        Assert.Equal([(0, 0, 1f), (0, 2, 0.5f), (1, 1, 1f), (1, 2, 0.5f)], pairs);

        // Fewer rows, and none that reaches anything.
        pairs.Clear();
        session.SetRight(1, (_, to) => rows[0].CopyTo(to));
        session.Run(2, (row, to) => rows[row].CopyTo(to), _ => 0.75f, (a, b, p) => pairs.Add((a, b, p)));
        Assert.Equal([(0, 0, 1f)], pairs);
        session.Run(1, (_, to) => rows[1].CopyTo(to), _ => 0.25f, (a, b, p) => pairs.Add((a, b, p)));
        Assert.Single(pairs);
    }
}
