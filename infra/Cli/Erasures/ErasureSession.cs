using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Services;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Erasures;

/// <summary>Erases, tells on standard error how far that is, and prints the receipt.</summary>
internal static class ErasureSession
{
    /// <exception cref="OperationCanceledException">Waiting was cancelled. What goes on has been told.</exception>
    public static async Task RunAsync(Installation installation, ErasureBody body, bool json, CancellationToken cancellationToken)
    {
        using var ingest = ServiceClient.Of(installation, "Ingest");
        using var health = new HealthClient(installation);
        ErasureAnswer? last = null;
        try
        {
            var run = new ErasureRun(new ErasureClient(ingest), ServiceWatch.Of(installation, health), TimeProvider.System);
            var erasure = await run.RunAsync(body, Tell, cancellationToken);
            if (json)
            {
                ErasurePrinter.WriteJson(erasure, Console.Out);
            }
            else
            {
                ErasurePrinter.Write(erasure, Console.Out);
            }
        }
        catch (OperationCanceledException) when (last is not null)
        {
            await Console.Error.WriteLineAsync(
                $"cpf: stopped waiting; erasure {last.ErasureId} goes on. The same command shows its receipt");
            throw;
        }

        void Tell(ErasureAnswer erasure)
        {
            if (last is null && erasure.IsFinished && !json)
            {
                Console.Error.WriteLine("cpf: this was erased before");
            }
            else if (erasure.State != last?.State && !erasure.IsFinished)
            {
                Console.Error.WriteLine(erasure.State switch
                {
                    ErasureState.Unlinked => "cpf: the images are gone and cannot come back; waiting for their groups to be split",
                    ErasureState.Deleted => "cpf: the bytes are gone; waiting for their groups to be split",
                    _ => "cpf: every row is gone; waiting for the blob store to delete the bytes",
                });
            }

            last = erasure;
        }
    }
}
