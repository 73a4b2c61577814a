using System.Diagnostics;
using CpfPipeline.Contracts;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>Submits pictures to running services and measures until all are matched.</summary>
internal sealed class MessagePath(
    BenchServers servers, Publisher publisher, ServiceProcess ingest, ServiceProcess embedder, ServiceProcess matcher)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    private int _total;

    /// <summary>
    /// Queues the submissions while Ingest is frozen; the clock runs from its thawing to the last picture's row in group_members.
    /// </summary>
    public async Task<MessagePathRun> MeasureAsync(IReadOnlyList<Picture> pictures, CancellationToken cancellationToken)
    {
        ingest.Freeze();
        await publisher.SendAsync(
            Topology.SubmitImageQueue,
            pictures.Select(p => new SubmitImage { Source = "bench", ExternalId = Path.GetFileName(p.File),
                Uri = new Uri(p.File).AbsoluteUri, Revision = 1 }),
            cancellationToken);
        _total += pictures.Count;
        var use = CpuUse.Start(
            servers, new Dictionary<string, ServiceProcess> { ["Ingest"] = ingest, ["Embedder"] = embedder, ["Matcher"] = matcher });
        var start = Stopwatch.GetTimestamp();
        ingest.Thaw();
        await UntilAsync("select count(*) from cpf.group_members where not pending", cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new MessagePathRun(
            pictures.Count / seconds, use.Stop().ToDictionary(part => part.Key, part => 1000 * part.Value / pictures.Count));
    }

    /// <summary>Waits until everything so far has been joined exactly.</summary>
    public Task ReconciledAsync(CancellationToken cancellationToken) =>
        UntilAsync("select count(*) from cpf.group_members where not pending and reconciled", cancellationToken);

    private Task UntilAsync(string sql, CancellationToken cancellationToken) =>
        Until.TrueAsync(async token =>
            await servers.ScalarAsync<long>(sql, token) >= _total, Pause, Limit, $"{_total} of {sql}", cancellationToken);
}
