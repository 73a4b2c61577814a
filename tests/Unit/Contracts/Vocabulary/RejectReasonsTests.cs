using System.Reflection;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vocabulary;

public sealed class RejectReasonsTests
{
    [Fact]
    public void All_OfTheReasons_AreListed() =>
        Assert.Equal(
            typeof(RejectReasons).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral)
                .Select(f => (string)f.GetRawConstantValue()!).Order(StringComparer.Ordinal),
            RejectReasons.All.Order(StringComparer.Ordinal));
}
