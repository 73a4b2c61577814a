using CpfPipeline.Cli;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Verbs;

using var cancellation = new CancellationTokenSource();
using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGINT, Stop);
using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM, Stop);
if (args is [SupervisorProcess.Word])
{
    await SupervisorProcess.RunAsync(cancellation.Token);
    return (int)ExitCode.Done;
}

return await VerbTable.Program.RunAsync(args, Console.Out, Console.Error, _ => { }, cancellation.Token);

void Stop(System.Runtime.InteropServices.PosixSignalContext context)
{
    context.Cancel = true;
    cancellation.Cancel();
}
