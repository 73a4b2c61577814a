using CpfPipeline.Data.Handover;
using CpfPipeline.Hosting.Background;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>Writes the progress of a long piece of work once a second, and stops the work when it is no longer requested.</summary>
internal sealed class HandoverReport : IAsyncDisposable
{
    private readonly NpgsqlDataSource _dataSource;
    private readonly long _modelId;
    private readonly WantedWork _work;
    private volatile Line _line = new(0, "begins");

    public HandoverReport(NpgsqlDataSource dataSource, long modelId, TimeProvider time, CancellationToken cancellationToken)
    {
        (_dataSource, _modelId) = (dataSource, modelId);
        _work = new WantedWork(WriteAsync, time, cancellationToken);
    }

    /// <summary>Cancelled when the work is to end.</summary>
    public CancellationToken Stop => _work.Stop;

    /// <summary>Whether the work is no longer requested.</summary>
    public bool IsUnwanted => _work.IsUnwanted;

    /// <summary>What is to be written next.</summary>
    public void Say(double progress, string message) => _line = new Line(progress, message);

    public ValueTask DisposeAsync() => _work.DisposeAsync();

    private async Task<bool> WriteAsync(CancellationToken cancellationToken)
    {
        var line = _line;
        await using var connection = await _dataSource.OpenConnectionAsync(cancellationToken);
        return await ModelPreparationStore.ReportAsync(connection, _modelId, line.Progress, line.Message, cancellationToken);
    }

    private sealed record Line(double Progress, string Message);
}
