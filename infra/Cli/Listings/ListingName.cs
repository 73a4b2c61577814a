namespace CpfPipeline.Cli.Listings;

/// <summary>How a user names a picture: <c>SOURCE/EXTERNAL_ID</c>, or the SHA-256 of its bytes.</summary>
internal sealed record ListingName(string Text)
{
    private const int HashDigits = 64;

    /// <summary>The SHA-256, when it is one.</summary>
    public byte[]? Sha256 => Text.Length == HashDigits && Text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(Text) : null;

    /// <summary>What it may mean: sources and ids may hold slashes.</summary>
    public IReadOnlyList<(string Source, string ExternalId)> Readings =>
    [
        .. from at in Enumerable.Range(1, Math.Max(0, Text.Length - 2))
           where Text[at] == '/'
           select (Text[..at], Text[(at + 1)..]),
    ];

    /// <exception cref="CommandException">It is neither (2).</exception>
    public ListingName Checked() => Sha256 is not null || Readings.Count > 0
        ? this
        : throw CommandException.Usage($"'{Text}' names no picture: write SOURCE/EXTERNAL_ID, or the 64 digits of its SHA-256");
}
