using CpfPipeline.Hosting.Access.Browsers;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Access.Browsers;

public sealed class LocalAddressTests
{
    [Theory]
    [InlineData("/", true)]
    [InlineData("/a/b?c=d#e", true)]
    [InlineData("/a//b", true)]
    [InlineData("/%2F%2Fevil.example", true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("a", false)]
    [InlineData("//evil.example", false)]
    [InlineData("///evil.example", false)]
    [InlineData("/\\evil.example", false)]
    [InlineData("/a\\..\\..", false)]
    [InlineData("\\/evil.example", false)]
    [InlineData("http:/evil.example", false)]
    [InlineData("/\tevil", false)]
    [InlineData("/\r\nSet-Cookie: a", false)]
    [InlineData("\u00a0//evil.example", false)]
    public void Is_Address_OnlyPathsOfThisService(string? address, bool local) => Assert.Equal(local, LocalAddress.Is(address));
}
