using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;

namespace CpfPipeline.Matcher;

/// <summary>What the Matcher counts.</summary>
internal sealed class MatcherMetrics
{
    private static readonly Counter<long> RefreshedContents = CpfTelemetry.Meter.CreateCounter<long>("cpf.matcher.refreshed", "{content}");
    private static readonly Counter<long> Arrivals = CpfTelemetry.Meter.CreateCounter<long>("cpf.matcher.arrivals", "{content}");
    private static readonly Counter<long> Departures = CpfTelemetry.Meter.CreateCounter<long>("cpf.matcher.departures", "{content}");
    private static readonly Counter<long> JoinedContents = CpfTelemetry.Meter.CreateCounter<long>("cpf.matcher.joined", "{content}", "Neighbours found by an exact join");
    private static readonly Counter<long> SearchedContents = CpfTelemetry.Meter.CreateCounter<long>("cpf.matcher.searched", "{content}", "Neighbours found by the index");
    private static readonly Counter<long> MissedPairs = CpfTelemetry.Meter.CreateCounter<long>("cpf.matcher.missed_pairs", "{pair}");
    private static readonly Gauge<double> SearchRecall = CpfTelemetry.Meter.CreateGauge<double>("cpf.matcher.search_recall", "1", "Pairs that the online search had found, of those the last reconcile found");
    private static readonly Histogram<double> RefreshDuration = CpfTelemetry.Meter.CreateHistogram<double>("cpf.matcher.refresh.duration", "s");
    private static readonly Histogram<double> ReconcileDuration = CpfTelemetry.Meter.CreateHistogram<double>("cpf.matcher.reconcile.duration", "s");
    private static readonly Gauge<long> PendingContents = CpfTelemetry.Meter.CreateGauge<long>("cpf.matcher.pending", "{content}");

    public void Refreshed(int contents, int arrivals, int departures, TimeSpan duration)
    {
        RefreshedContents.Add(contents);
        Arrivals.Add(arrivals);
        Departures.Add(departures);
        RefreshDuration.Record(duration.TotalSeconds);
    }

    public void Departed(int contents) => Departures.Add(contents);

    public void Joined(int contents) => JoinedContents.Add(contents);

    public void Searched(int contents) => SearchedContents.Add(contents);

    public void Reconciled(long missedPairs, double recall, TimeSpan duration)
    {
        MissedPairs.Add(missedPairs);
        SearchRecall.Record(recall);
        ReconcileDuration.Record(duration.TotalSeconds);
    }

    public void Pending(long contents) => PendingContents.Record(contents);
}
