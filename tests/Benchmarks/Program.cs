using BenchmarkDotNet.Running;
using CpfPipeline.Tests.Benchmarks.Running;

if (args is ["kernels", .. var rest])
{
    BenchmarkSwitcher.FromAssembly(typeof(BenchCommand).Assembly).Run(rest.Length == 0 ? ["--filter", "*"] : rest);
    return 0;
}

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancellation.Cancel();
};
try
{
    return await BenchCommand.RunAsync(args, cancellation.Token);
}
catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("cpf: interrupted");
    return 3;
}
