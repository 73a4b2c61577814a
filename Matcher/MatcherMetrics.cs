using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;

namespace CpfPipeline.Matcher;

/// <summary>What the Matcher counts.</summary>
internal sealed class MatcherMetrics
{
    private static readonly Meter Meter = CpfTelemetry.Meter;
    private static readonly Counter<long> RefreshedContents =
        Meter.CreateCounter<long>("cpf.matcher.refreshed", "{content}", "Contents whose groups were brought in line with the database.");

    private static readonly Counter<long> Arrivals =
        Meter.CreateCounter<long>("cpf.matcher.arrivals", "{content}", "Contents that came into groups.");

    private static readonly Counter<long> Departures =
        Meter.CreateCounter<long>("cpf.matcher.departures", "{content}", "Contents that left groups.");

    private static readonly Counter<long> JoinedContents =
        Meter.CreateCounter<long>("cpf.matcher.joined", "{content}", "Neighbours found by an exact join.");

    private static readonly Counter<long> SearchedContents =
        Meter.CreateCounter<long>("cpf.matcher.searched", "{content}", "Neighbours found by the index.");

    private static readonly Counter<long> MissedPairs =
        Meter.CreateCounter<long>("cpf.matcher.missed_pairs", "{pair}", "Pairs that a reconcile found and the search had missed.");

    private static readonly Histogram<double> RefreshDuration =
        CpfTelemetry.Seconds("cpf.matcher.refresh.duration", "From the search to the commit of a chunk of contents.");

    private static readonly Histogram<double> ReconcileDuration =
        CpfTelemetry.Seconds("cpf.matcher.reconcile.duration", "A reconcile, from beginning to end.");

    private static readonly Histogram<double> TileDuration =
        CpfTelemetry.Seconds("cpf.matcher.tile.duration", "A tile of a join, read and computed.");

    /// <summary>Every counter begins at zero.</summary>
    public MatcherMetrics()
    {
        foreach (var counter in new[] { RefreshedContents, Arrivals, Departures, JoinedContents, SearchedContents, MissedPairs })
        {
            counter.Add(0);
        }
    }

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

    public void Reconciled(long missedPairs, TimeSpan duration)
    {
        MissedPairs.Add(missedPairs);
        ReconcileDuration.Record(duration.TotalSeconds);
    }

    public void Tile(TimeSpan duration) => TileDuration.Record(duration.TotalSeconds);
}
