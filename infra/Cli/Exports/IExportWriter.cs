namespace CpfPipeline.Cli.Exports;

/// <summary>A format of exports. It holds no more than a part of the rows.</summary>
internal interface IExportWriter : IAsyncDisposable
{
    /// <summary>Called once, before the first row.</summary>
    Task BeginAsync(IReadOnlyList<ExportColumn> columns, CancellationToken cancellationToken);

    /// <param name="row">A value or null for each column; the writer keeps no reference to the array.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task WriteAsync(IReadOnlyList<object?> row, CancellationToken cancellationToken);

    /// <summary>Called once, after the last row. Without it the output is unfinished.</summary>
    Task EndAsync(CancellationToken cancellationToken);
}
