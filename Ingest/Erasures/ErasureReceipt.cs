using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>The receipt as canonical JSON, whose SHA-256 shows later whether it was altered.</summary>
internal static class ErasureReceipt
{
    /// <summary>
    /// Canonical JSON (RFC 8785): one line without spaces; the members counts, erasure_id, finished_at, note, requested_at, scope,
    /// tombstone, who in this order; counts sorted by name; times in UTC with microseconds; the tombstone as lower-case hex. Only
    /// characters that must be escaped are escaped, as in other implementations.
    /// </summary>
    public static string Canonical(Erasure erasure)
    {
        var counts = erasure.Counts.OrderBy(c => c.Key, StringComparer.Ordinal)
            .Select(c => string.Create(CultureInfo.InvariantCulture, $"{Text(c.Key)}:{c.Value}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"counts":{{{string.Join(',', counts)}}},"erasure_id":{{erasure.ErasureId}},
            """)
            + $$"""
            "finished_at":{{Time(erasure.FinishedAt)}},"note":{{Text(erasure.Note)}},"requested_at":{{Time(erasure.RequestedAt)}},
            """
            + $$"""
            "scope":{{Text(erasure.Scope)}},"tombstone":"{{Convert.ToHexStringLower(erasure.Tombstone)}}","who":{{Text(erasure.Who)}}}
            """;
    }

    /// <summary>SHA-256 of <see cref="Canonical"/> in UTF-8.</summary>
    public static byte[] Hash(Erasure erasure) => SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(erasure)));

    private static string Time(DateTimeOffset? at) =>
        Text(at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));

    // RFC 8785, 3.2.2.2. The platform's JSON writers escape more characters, and which ones differs between versions.
    private static string Text(string? text)
    {
        if (text is null)
        {
            return "null";
        }

        var json = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => json.Append('\\').Append(c),
                '\b' => json.Append("\\b"),
                '\t' => json.Append("\\t"),
                '\n' => json.Append("\\n"),
                '\f' => json.Append("\\f"),
                '\r' => json.Append("\\r"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        return json.Append('"').ToString();
    }
}
