using CpfPipeline.Data.Access;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Data.Access;

public sealed class ApiKeyTextTests
{
    [Fact]
    public void Make_Twice_GivesDifferentKeysThatCanBeReadAgain()
    {
        var (one, other) = (ApiKeyText.Make(), ApiKeyText.Make());

        Assert.NotEqual(one.KeyId, other.KeyId);
        Assert.NotEqual(one.Secret, other.Secret);
        Assert.Equal(256, one.Secret.Length * 4);
        Assert.Equal(one, ApiKeyText.TryParse(one.Reveal()));
        Assert.Equal(one.Sha256(), ApiKeyText.TryParse(one.Reveal())!.Sha256());
        Assert.NotEqual(one.Sha256(), (one with { Secret = other.Secret }).Sha256());
    }

    [Fact]
    public void ToString_AKey_ShowsNoSecret()
    {
        var key = ApiKeyText.Make();

        Assert.Equal($"cpf_{key.KeyId}_...", $"{key}");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("cpf_")]
    [InlineData("cpf_0123456789ab")]
    [InlineData("cpf_0123456789ab_")]
    [InlineData("cpf_0123456789ab_abc")]
    [InlineData("CPF_0123456789ab_0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("cpf_0123456789AB_0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("cpf_0123456789ab_000000000000000000000000000000000000000000000000000000000000000g")]
    [InlineData("cpf_0123456789ab_0000000000000000000000000000000000000000000000000000000000000000\n")]
    [InlineData(" cpf_0123456789ab_0000000000000000000000000000000000000000000000000000000000000000")]
    public void TryParse_AnythingElse_IsNoKey(string? text) => Assert.Null(ApiKeyText.TryParse(text));
}
