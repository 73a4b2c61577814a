namespace CpfPipeline.Tests.Benchmarks.Running;

/// <summary>A measurement of the pipeline, with the baseline it is compared to in the same run.</summary>
internal interface IPipelineBench
{
    /// <summary>As on the command line and in the results' file names.</summary>
    string Name { get; }

    /// <summary>One line for the help.</summary>
    string Summary { get; }

    /// <summary>Takes so long that it runs only when it is named.</summary>
    bool OnlyWhenNamed { get; }

    /// <exception cref="BenchSkippedException">Something it needs is missing.</exception>
    Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken);
}
