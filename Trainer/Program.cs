using System.Diagnostics;
using System.Runtime.InteropServices;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Trainer;
using CpfPipeline.Trainer.Decoding;
using CpfPipeline.Trainer.Offline;

TorchMemory.ShareOneHeap();

// With a verb: a command that needs no services. Without: the service.
if (OfflineCommand.IsNamedBy(args) && args is not [HealthProbe.Word])
{
    using var stop = new CancellationTokenSource();
    Console.CancelKeyPress += (_, e) =>
    {
        e.Cancel = true;
        stop.Cancel();
    };

    // What schedulers and service managers send: a training keeps where it is, too.
    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
    {
        signal.Cancel = true;
        stop.Cancel();
    });
    return OfflineCommand.Run(
        args, Console.Out, Console.Error, TimeProvider.System, stop.Token, Environment.GetEnvironmentVariable("CPF_HOME"));
}

// Whatever the service does can wait for live matching on the same machine.
using (var self = Process.GetCurrentProcess())
{
    self.PriorityClass = ProcessPriorityClass.BelowNormal;
}

return await ServiceProgram.RunAsync("Trainer", args, () => TrainerService.Build(
    args, (order, progress, cancellationToken) => FirstModel.Prepare(
        order, () => TrainerDecoders.Open(TimeProvider.System, order.RequireWalls), progress, cancellationToken)));
