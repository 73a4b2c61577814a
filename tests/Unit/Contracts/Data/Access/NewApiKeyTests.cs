using CpfPipeline.Data.Access;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Data.Access;

public sealed class NewApiKeyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("shop-a", "submit read", "shop a", 1, null)]
    [InlineData("ann@example.com", "review", "", 1, null)]
    [InlineData("", "read", "", 1, "name")]
    [InlineData("a b", "read", "", 1, "name")]
    [InlineData("a\n", "read", "", 1, "name")]
    [InlineData("a", "", "", 1, "needs a role")]
    [InlineData("a", "read admin", "", 1, "no role admin")]
    [InlineData("a", "READ", "", 1, "no role READ")]
    [InlineData("a", "read", "shop", 1, "submit")]
    [InlineData("a", "submit", "*", 1, "leave the sources out")]
    [InlineData("a", "read", "", 0, "past")]
    public void Problem_OfAKey_SaysWhatIsWrong(string name, string roles, string sources, int expiresInHours, string? named)
    {
        static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        var problem = new NewApiKey(name, Words(roles), Words(sources), Now.AddHours(expiresInHours)).Problem(Now);

        Assert.Equal(named is null, problem is null);
        Assert.Contains(named ?? "", problem ?? "", StringComparison.Ordinal);
    }
}
