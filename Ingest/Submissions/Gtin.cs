namespace CpfPipeline.Ingest.Submissions;

/// <summary>
/// GTINs (GS1 General Specifications): EAN-8, UPC-A, EAN-13 and GTIN-14 as one form, and which of them name a product everywhere.
/// </summary>
internal static class Gtin
{
    private const int FullLength = 14;

    /// <summary>The 14 digits, or what is wrong.</summary>
    /// <param name="text">Digits, perhaps with spaces or hyphens, or as a spreadsheet's float (<c>4006381333931.0</c>).</param>
    public static (string? Digits, string? Problem) Parse(string text)
    {
        var digits = text.Trim();
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        digits = point > 0 && digits[(point + 1)..].All(c => c == '0') ? digits[..point] : digits;
        digits = digits.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
        {
            return (null, "the GTIN is not a number");
        }

        if (digits.Length is not (8 or 12 or 13 or 14))
        {
            return (null, $"the GTIN has {digits.Length} digits instead of 8, 12, 13 or 14");
        }

        var full = digits.PadLeft(FullLength, '0');
        return full.All(c => c == '0') ? (null, "the GTIN is zero")
            : CheckDigit(full) != full[^1] ? (null, "the GTIN's check digit is wrong")
            : (full, null);
    }

    /// <summary>
    /// Whether the number names something else in every shop: numbers for use in a shop (prefixes 02, 04, 2), coupons and refunds (05, 98,
    /// 99), and the short numbers of a shop (GTIN-8 that begin with 0 or 2).
    /// </summary>
    /// <param name="digits">14 digits.</param>
    public static bool IsRestricted(string digits)
    {
        if (digits.StartsWith("000000", StringComparison.Ordinal))
        {
            return digits[6] is '0' or '2';
        }

        var prefix = digits.AsSpan(1, 2);
        return prefix[0] == '2' || prefix is "02" or "04" or "05" or "98" or "99";
    }

    // Weights 3 and 1 in turn; leading zeros do not matter.
    private static char CheckDigit(string full)
    {
        var sum = 0;
        for (var i = 0; i < full.Length - 1; i++)
        {
            sum += (full[i] - '0') * (i % 2 == 0 ? 3 : 1);
        }

        return (char)('0' + ((10 - (sum % 10)) % 10));
    }
}
