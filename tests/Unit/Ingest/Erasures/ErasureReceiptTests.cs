using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Ingest.Erasures;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Erasures;

public sealed class ErasureReceiptTests
{
    private static readonly CpfPipeline.Ingest.Erasures.Erasure Finished = new(
        7, "content", [.. Enumerable.Repeat((byte)0xAB, 32)], "finished", null,
        new DateTimeOffset(2026, 1, 2, 5, 4, 5, TimeSpan.FromHours(2)),
        new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero).AddTicks(1230), "Zoë <o>", null,
        new SortedDictionary<string, long>(StringComparer.Ordinal) { ["images"] = 3, ["contents"] = 1 }, null);

    [Fact]
    public void Canonical_Receipt_IsThisLine()
    {
        var tombstone = string.Concat(Enumerable.Repeat("ab", 32));
        var line = """
            {"counts":{"contents":1,"images":3},"erasure_id":7,"finished_at":"2026-01-02T03:04:06.000123Z","note":null,
            "requested_at":"2026-01-02T03:04:05.000000Z","scope":"content","tombstone":"TOMBSTONE","who":"Zoë <o>"}
            """
            .ReplaceLineEndings("").Replace("TOMBSTONE", tombstone, StringComparison.Ordinal);

        Assert.Equal(line, ErasureReceipt.Canonical(Finished));
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(line)), ErasureReceipt.Hash(Finished));
    }

    [Fact]
    public void Canonical_Text_EscapesWhatJsonDemandsAlone()
    {
        var line = ErasureReceipt.Canonical(
            Finished with { Note = "\"\\/\b\t\n\f\r\u0001\u001f\u007f\u00a0\u2028<>&'+\u4e2d\ud83d\ude00" });

        Assert.Contains(@"""note"":""\""\\/\b\t\n\f\r\u0001\u001f"
            + "\u007f\u00a0\u2028<>&'+\u4e2d\ud83d\ude00\",", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Hash_AnythingAltered_Differs()
    {
        CpfPipeline.Ingest.Erasures.Erasure[] altered =
        [
            Finished with { Who = "x" }, Finished with { Note = "x" }, Finished with { Scope = "image" }, Finished with { ErasureId = 8 },
            Finished with { FinishedAt = Finished.FinishedAt!.Value.AddSeconds(1) },
            Finished with { RequestedAt = Finished.RequestedAt.AddSeconds(1) },
            Finished with { Counts = new SortedDictionary<string, long> { ["images"] = 3 } }, Finished with { Tombstone = new byte[32] },
        ];

        Assert.All(altered, erasure => Assert.NotEqual(ErasureReceipt.Hash(Finished), ErasureReceipt.Hash(erasure)));
    }
}
