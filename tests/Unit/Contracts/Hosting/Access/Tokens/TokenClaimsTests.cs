using System.Security.Claims;
using CpfPipeline.Hosting.Access.Tokens;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Access.Tokens;

public sealed class TokenClaimsTests
{
    [Theory]
    [InlineData("roles", "read", "roles", "read")]
    [InlineData("roles", """["read", "erase"]""", "roles", "read erase")]
    [InlineData("realm_access", """{"roles": ["read", 5, null, "erase"]}""", "realm_access.roles", "read erase")]
    [InlineData("resource_access", """{"cpf": {"roles": ["read"]}, "other": {"roles": ["erase"]}}""", "resource_access.cpf.roles", "read")]
    [InlineData("resource_access", """{"my.app": {"roles": ["read"]}}""", "resource_access.my.app.roles", "read")]
    [InlineData("https://shop.example/roles", """["read"]""", "https://shop.example/roles", "read")]
    [InlineData("a.b", """{"c": "read"}""", "a.b.c", "read")]
    [InlineData("roles", """{"read": true}""", "roles.read", "")]
    [InlineData("roles", "read", "roles.read", "")]
    [InlineData("roles", "[not json", "roles", "[not json")]
    [InlineData("other", "read", "roles", "")]
    public void Read_Claim_IsTheWordsAtThePath(string type, string value, string path, string words) =>
        Assert.Equal(words, string.Join(' ', TokenClaims.Read([new Claim(type, value)], path)));

    [Fact]
    public void Read_ClaimsOfOneName_AreJoined() =>
        Assert.Equal(["read", "erase"], TokenClaims.Read([new("roles", "read"), new("x", "no"), new("roles", "erase")], "roles"));
}
