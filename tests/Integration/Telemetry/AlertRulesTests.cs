using System.Globalization;
using System.Text;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Telemetry;

/// <summary>Prometheus itself checks the alert rules, runs their tests, and reads what the dashboards ask.</summary>
public sealed class AlertRulesTests
{
    private static string Folder => Path.Combine(Repository.Root(), "infra", "telemetry");

    [Fact]
    public async Task Rules_EachAlert_ComesWhenItMustAndOnlyThen() => await RunAsync("test", "rules", "alerts.test.yml");

    [Fact]
    public async Task Rules_EachAlert_HasATestOfBoth()
    {
        var token = TestContext.Current.CancellationToken;
        var rules = await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yml"), token);
        var tests = await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.test.yml"), token);
        var alerts = rules.Split("- alert: ")[1..].Select(rule => rule.Split('\n')[0]).ToList();
        Assert.True(alerts.Count > 20);
        Assert.All(
            alerts.SelectMany(alert => new[] { $"name: {alert} comes\n", $"name: {alert} does not come\n" }),
            name => Assert.Contains(name, tests, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Configuration_ForScraping_IsValid() => await RunAsync("check", "config", "--syntax-only", "prometheus.yml");

    [Fact]
    public async Task Expressions_OfEveryDashboard_AreValid()
    {
        // Prometheus reads expressions in files of rules only.
        var rules = new StringBuilder("groups:\n- name: all\n  rules:\n");
        foreach (var (i, (_, text)) in QueryExpressions.All().Index())
        {
            var quoted = text.Replace("'", "''", StringComparison.Ordinal);
            rules.Append(CultureInfo.InvariantCulture, $"  - record: expression_{i}\n    expr: '{quoted}'\n");
        }

        var file = Path.Combine(Path.GetTempPath(), $"cpf-{Guid.NewGuid():N}.yml");
        try
        {
            await File.WriteAllTextAsync(file, rules.ToString(), TestContext.Current.CancellationToken);
            await RunAsync("check", "rules", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task RunAsync(params string[] arguments) => Promtool.RunAsync(Folder, arguments, input: null);
}
