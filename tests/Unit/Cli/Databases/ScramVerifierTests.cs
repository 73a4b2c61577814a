using CpfPipeline.Cli;
using CpfPipeline.Cli.Databases;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Databases;

public sealed class ScramVerifierTests
{
    [Fact]
    public void Make_ExampleOfRfc7677_IsItsVerifier() =>
        // Password and salt of RFC 7677, section 3; the keys follow from them by RFC 5802, section 3.
        Assert.Equal(
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
                + "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
            ScramVerifier.Make("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==")));

    [Fact]
    public void Make_Twice_HasAnotherSalt() => Assert.NotEqual(ScramVerifier.Make("pencil"), ScramVerifier.Make("pencil"));

    [Theory]
    [InlineData("")]
    [InlineData("pässwort")]
    [InlineData("a\nb")]
    public void Make_PasswordWithoutAPlainNormalForm_IsRefused(string password) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => ScramVerifier.Make(password)).ExitCode);
}
