using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CpfPipeline.Data;

/// <summary>The receipt as canonical JSON, whose SHA-256 shows later whether it was altered.</summary>
public static class ErasureReceipt
{
    // As little as possible is escaped, so that other programs come to the same text.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// One line of UTF-8 without spaces: the members counts, erasure_id, finished_at, note, requested_at, scope, tombstone, who in this order; counts
    /// sorted by name; times in UTC with microseconds; the tombstone as lower-case hex.
    /// </summary>
    public static string Canonical(Erasure erasure)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteStartObject("counts");
            foreach (var (kind, count) in erasure.Counts.OrderBy(c => c.Key, StringComparer.Ordinal))
            {
                json.WriteNumber(kind, count);
            }

            json.WriteEndObject();
            json.WriteNumber("erasure_id", erasure.ErasureId);
            json.WriteString("finished_at", Time(erasure.FinishedAt));
            json.WriteString("note", erasure.Note);
            json.WriteString("requested_at", Time(erasure.RequestedAt));
            json.WriteString("scope", erasure.Scope);
            json.WriteString("tombstone", Convert.ToHexStringLower(erasure.Tombstone));
            json.WriteString("who", erasure.Who);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>SHA-256 of <see cref="Canonical"/>.</summary>
    public static byte[] Hash(Erasure erasure) => SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(erasure)));

    private static string? Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
