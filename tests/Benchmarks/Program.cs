using System.Runtime.InteropServices;
using BenchmarkDotNet.Running;
using CpfPipeline.Tests.Benchmarks;
using CpfPipeline.Tests.Benchmarks.Devices;

if (args is ["kernels", .. var rest])
{
    BenchmarkSwitcher.FromAssembly(typeof(BenchCommand).Assembly).Run(rest.Length == 0 ? ["--filter", "*"] : rest);
    return 0;
}

if (args is ["device", .. var words])
{
    return DeviceCheck.Run(words, BenchCommand.FindCheckout());
}

using var cancellation = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await BenchCommand.RunAsync(args, cancellation.Token);
}
catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("cpf: interrupted");
    return 3;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    cancellation.Cancel();
}
