using System.Text.Json.Serialization;

namespace CpfPipeline.Cli.Erasures;

/// <summary>What to erase, as Ingest is asked: an image, or a content.</summary>
internal sealed record ErasureBody
{
    private const int Sha256Digits = 64;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ExternalId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sha256 { get; init; }

    public required string Who { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>Reads the words of <c>erase</c>.</summary>
    /// <exception cref="CommandException">Wrong usage; says what to do instead.</exception>
    public static ErasureBody Of(IReadOnlyList<string> words, string? content, string? who, string? note)
    {
        var asker = string.IsNullOrWhiteSpace(who) ? Environment.UserName : who;
        if (content is not null)
        {
            return words.Count > 0 ? throw CommandException.Usage("erase takes an image or --content, not both")
                : content.Length != Sha256Digits || !content.All(char.IsAsciiHexDigit)
                    ? throw CommandException.Usage($"--content takes a SHA-256: {Sha256Digits} hex digits (sha256sum FILE prints it)")
                : new ErasureBody { Sha256 = content.ToLowerInvariant(), Who = asker, Note = note };
        }

        return words is [{ Length: > 0 } source, { Length: > 0 } externalId]
            ? new ErasureBody { Source = source, ExternalId = externalId, Who = asker, Note = note }
            : throw CommandException.Usage(
                "erase takes the source and the external id of an image, or --content and the SHA-256 of a file");
    }
}
