using Xunit;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>Servers come from the environment: without them tests skip on a developer's machine and fail in CI.</summary>
internal static class TestServer
{
    public static string Required(string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
        {
            return value;
        }

        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"{variable} is not set: run infra/cpf test");
        throw new InvalidOperationException($"{variable} is not set, and in CI no test may be skipped for that.");
    }
}
