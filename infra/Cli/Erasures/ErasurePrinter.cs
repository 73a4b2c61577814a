using System.Globalization;
using System.Text.Json;

namespace CpfPipeline.Cli.Erasures;

/// <summary>Prints receipts.</summary>
internal static class ErasurePrinter
{
    private static readonly JsonSerializerOptions Json = new(
        JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static void WriteJson(ErasureAnswer erasure, TextWriter output) => output.WriteLine(JsonSerializer.Serialize(erasure, Json));

    public static void Write(ErasureAnswer erasure, TextWriter output)
    {
        output.WriteLine(Invariant($"erasure      {erasure.ErasureId} ({erasure.Scope})"));
        output.WriteLine(
            Invariant($"requested    {erasure.RequestedAt:u} by {erasure.Who}{(erasure.Note is null ? "" : $": {erasure.Note}")}"));
        output.WriteLine(Invariant($"finished     {erasure.FinishedAt:u}"));
        output.WriteLine("removed      "
            + string.Join(", ", erasure.Counts.Where(c => c.Value > 0).Select(c => Invariant($"{c.Value:N0} {c.Key.Replace('_', ' ')}"))));
        if (erasure.Scope == "image" && erasure.Counts.GetValueOrDefault("contents") == 0)
        {
            output.WriteLine("kept         bytes: none were removed; other images use them, or the image showed none (erase --content "
                + "removes a picture everywhere)");
        }

        output.WriteLine(Invariant($"tombstone    {erasure.Tombstone}"));
        output.WriteLine(Invariant($"record hash  {erasure.RecordHash}"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
