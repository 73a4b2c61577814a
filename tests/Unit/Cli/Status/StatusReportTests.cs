using System.Text.Json;
using CpfPipeline.Cli.Services;
using CpfPipeline.Cli.Status;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Status;

public sealed class StatusReportTests
{
    [Fact]
    public void ToJson_RunningPipeline_HasTheFormOthersRelyOn()
    {
        var embedder = HealthReport.Parse(true, """
            {"service":"Embedder","version":"0.1.0","ready":true,"problems":[],"queues":{"cpf.submit-image":12},
             "details":{"execution_provider":"CPU","rate":3}}
            """);
        var counts = new PipelineCounts(new(1, 2, 3, 4), 5, 14, 6, 7, 15, new(8, 0.75, "ab", 9), new(DateTimeOffset.UnixEpoch, 10, 0.5));

        using var json = JsonDocument.Parse(
            StatusReport.Of([(new("Embedder", true, embedder.Version, "http://127.0.0.1:1/", 11, []), embedder)], counts).ToJson());

        var root = json.RootElement;
        Assert.Equal("Embedder", root.GetProperty("services")[0].GetProperty("name").GetString());
        Assert.Equal("0.1.0", root.GetProperty("services")[0].GetProperty("version").GetString());
        Assert.Equal(12, root.GetProperty("queues").GetProperty("cpf.submit-image").GetInt64());
        Assert.Equal(4, root.GetProperty("images").GetProperty("retracted").GetInt64());
        Assert.Equal(6, root.GetProperty("pending").GetInt64());
        Assert.Equal(7, root.GetProperty("unreconciled").GetInt64());
        Assert.Equal(14, root.GetProperty("unmatched").GetInt64());
        Assert.Equal(15, root.GetProperty("outbox").GetInt64());
        Assert.Equal("not exact", root.GetProperty("exactness").GetString());
        Assert.Equal(
            ["14 unmatched", "6 pending", "7 not reconciled", "15 messages to publish", "12 messages in cpf.submit-image"],
            root.GetProperty("exactness_reasons").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal(8, root.GetProperty("active_model").GetProperty("model_id").GetInt64());
        Assert.Equal("CPU", root.GetProperty("execution_provider").GetString());
        Assert.Equal(0.5, root.GetProperty("last_reconcile").GetProperty("recall").GetDouble());
    }

    [Fact]
    public void ToJson_NothingKnown_HasNulls()
    {
        using var json = JsonDocument.Parse(StatusReport.Of([], null).ToJson());

        foreach (var name in new[] { "images", "unmatched", "pending", "outbox", "active_model", "execution_provider", "last_reconcile" })
        {
            Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty(name).ValueKind);
        }

        Assert.Equal("unknown", json.RootElement.GetProperty("exactness").GetString());
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("""{"queues":3,"details":[],"problems":{}}""")]
    public void Parse_OtherBody_IsEmpty(string body)
    {
        var report = HealthReport.Parse(false, body);

        Assert.False(report.Healthy);
        Assert.Empty(report.Queues);
        Assert.Empty(report.Problems);
    }
}
