using CpfPipeline.Hosting.Telemetry.Exposition;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Telemetry.Exposition;

public sealed class PrometheusNameTests
{
    [Theory]
    [InlineData("cpf.ingest.images", "{image}", true, false, "cpf_ingest_images_total")]
    [InlineData("cpf.ingest.bytes", "By", true, false, "cpf_ingest_bytes_total")]
    [InlineData("cpf.matcher.refresh.duration", "s", false, false, "cpf_matcher_refresh_duration_seconds")]
    [InlineData("process.start_time", "s", false, true, "process_start_time_seconds")]
    [InlineData("cpf.model.churn", "1", false, true, "cpf_model_churn_ratio")]
    [InlineData("events", "1", true, false, "events_total")]
    [InlineData("already.total", null, true, false, "already_total")]
    [InlineData("queue..strange-name", null, false, true, "queue_strange_name")]
    [InlineData("9lives", null, false, true, "_9lives")]
    [InlineData("memory", "MiBy", false, true, "memory_MiBy")]
    public void OfInstrument_FollowsOpenTelemetrysRules(string name, string? unit, bool isCounter, bool isGauge, string expected) =>
        Assert.Equal(expected, PrometheusName.OfInstrument(name, unit, isCounter, isGauge));

    [Fact]
    public void OfLabel_WithDots_HasUnderscores() => Assert.Equal("http_route", PrometheusName.OfLabel("http.route"));
}
