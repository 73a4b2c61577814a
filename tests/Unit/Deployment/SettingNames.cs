using CpfPipeline.Tests.Unit.Docs;

namespace CpfPipeline.Tests.Unit.Deployment;

/// <summary>Environment variables that a service or the command line knows.</summary>
internal static class SettingNames
{
    private static readonly HashSet<string> OfThePage =
        [.. new[] { "variable", "setting" }.SelectMany(h => MarkdownPage.Read("infra/CONFIGURATION.md").FirstCells(h))
            .SelectMany(c => c.Split(", ")).Select(c => c.Trim('`').Replace(":", "__", StringComparison.Ordinal))];

    // Of .NET, libtorch, ONNX Runtime, Npgsql, the script of nights and the AWS SDK.
    private static readonly string[] Others =
    [
        "ASPNETCORE_HTTP_PORTS", "DOTNET_EnableDiagnostics", "OMP_WAIT_POLICY", "TORCH_CPP_LOG_LEVEL", "CPF_TRAINER", "CPF_KEY_HEADER",
        "ORT_DISABLE_TELEMETRY", "PGGSSENCMODE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
    ];

    /// <summary>Those that nothing reads.</summary>
    public static IEnumerable<string> Unknown(IEnumerable<string> variables) => variables.Where(v => !IsKnown(v));

    private static bool IsKnown(string variable)
    {
        var parts = variable.Split("__");
        var ofList = int.TryParse(parts[^1], out _);
        var name = ofList ? string.Join("__", parts[..^1]) : variable;
        return Others.Contains(variable) || OfThePage.Contains(name)
            || (variable.StartsWith("CPF_", StringComparison.Ordinal) && variable.EndsWith("_FILE", StringComparison.Ordinal)
                && OfThePage.Contains(variable[..^"_FILE".Length]));
    }
}
