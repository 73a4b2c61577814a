using System.Globalization;

namespace CpfPipeline.Cli.Verifications;

/// <summary>Says what was verified, what is wrong, and what became of it.</summary>
internal static class VerifyPrinter
{
    public static void Write(VerifyOutcome outcome, bool repaired, TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"verified   {outcome.BlobsRead:N0} blobs read, the groups of {outcome.Members:N0} contents recomputed"));
        if (outcome.Pending > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"left out   {outcome.Pending:N0} contents whose groups are pending: see infra/cpf status"));
        }

        if (outcome.Waiting > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"waiting    {outcome.Waiting:N0} contents without embedding or group, while messages wait: verify again when status says "
                    + $"exact"));
        }

        foreach (var (kind, found) in outcome.Faults.Kinds)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{kind}: {found.Count:N0}{(repaired ? $", of which {found.Repaired:N0} are repaired or ordered again" : "")}"));
            foreach (var example in found.Examples)
            {
                output.WriteLine($"           {example}");
            }

            if (found.Why is not null)
            {
                output.WriteLine($"           left: {found.Why}");
            }
        }

        output.WriteLine(outcome.Faults.Kinds.Count == 0 ? "all is well"
            : !repaired ? "nothing was changed: infra/cpf verify --repair repairs what it can"
            : outcome.Faults.Left == 0 ? "what was ordered is done when infra/cpf status says exact; verify again then"
            : string.Create(CultureInfo.InvariantCulture, $"{outcome.Faults.Left:N0} faults are left"));
    }
}
