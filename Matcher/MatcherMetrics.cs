using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;

namespace CpfPipeline.Matcher;

/// <summary>What the Matcher counts.</summary>
internal sealed class MatcherMetrics
{
    private static readonly Meter Meter = CpfTelemetry.Meter;
    private static readonly Counter<long> RefreshedContents = Meter.CreateCounter<long>("cpf.matcher.refreshed", "{content}");
    private static readonly Counter<long> Arrivals = Meter.CreateCounter<long>("cpf.matcher.arrivals", "{content}");
    private static readonly Counter<long> Departures = Meter.CreateCounter<long>("cpf.matcher.departures", "{content}");
    private static readonly Counter<long> JoinedContents =
        Meter.CreateCounter<long>("cpf.matcher.joined", "{content}", "Neighbours found by an exact join");
    private static readonly Counter<long> SearchedContents =
        Meter.CreateCounter<long>("cpf.matcher.searched", "{content}", "Neighbours found by the index");
    private static readonly Counter<long> MissedPairs = Meter.CreateCounter<long>("cpf.matcher.missed_pairs", "{pair}");
    private static readonly Gauge<double> SearchRecall = Meter.CreateGauge<double>(
        "cpf.matcher.search_recall", "1", "Of the pairs that the last reconcile found, the share that the online search had found");
    private static readonly Histogram<double> RefreshDuration = Meter.CreateHistogram<double>("cpf.matcher.refresh.duration", "s");
    private static readonly Histogram<double> ReconcileDuration = Meter.CreateHistogram<double>("cpf.matcher.reconcile.duration", "s");
    private static readonly Gauge<long> PendingContents = Meter.CreateGauge<long>("cpf.matcher.pending", "{content}");

    private static readonly Histogram<double> TileDuration = Meter.CreateHistogram<double>("cpf.matcher.tile.duration", "s");

    public void Refreshed(int contents, TimeSpan duration)
    {
        RefreshedContents.Add(contents);
        RefreshDuration.Record(duration.TotalSeconds);
    }

    public void Moved(int arrivals, int departures)
    {
        Arrivals.Add(arrivals);
        Departures.Add(departures);
    }

    public void Joined(int contents) => JoinedContents.Add(contents);

    public void Searched(int contents) => SearchedContents.Add(contents);

    public void Reconciled(long missedPairs, double recall, TimeSpan duration)
    {
        MissedPairs.Add(missedPairs);
        SearchRecall.Record(recall);
        ReconcileDuration.Record(duration.TotalSeconds);
    }

    public void Tile(TimeSpan duration) => TileDuration.Record(duration.TotalSeconds);

    public void Pending(long contents) => PendingContents.Record(contents);
}
