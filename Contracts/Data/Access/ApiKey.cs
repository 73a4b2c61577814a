namespace CpfPipeline.Data.Access;

/// <summary>A key for the HTTP APIs, as it is kept: without its secret.</summary>
public sealed record ApiKey
{
    /// <summary>Public part of its text.</summary>
    public required string KeyId { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do; see <see cref="Vocabulary.AccessRole"/>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Sources that it may submit to; empty: all.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Whether it may say global product keys, which count for all sources.</summary>
    public required bool GlobalKeys { get; init; }

    /// <summary>SHA-256 of its secret.</summary>
    public required byte[] SecretSha256 { get; init; }

    /// <summary>SHA-256 of the secret before the last rotation, or null.</summary>
    public byte[]? FormerSha256 { get; init; }

    /// <summary>Until when the former secret is taken, too.</summary>
    public DateTimeOffset? FormerUntil { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on it is refused; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was revoked; null: it is valid.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>When it was used last, to ten minutes.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Whether it is only remembered: the database cannot be asked, and its roles are cut.</summary>
    public bool IsRemembered { get; init; }

    /// <summary>Whether it opens anything at this time.</summary>
    public bool IsValidAt(DateTimeOffset time) => RevokedAt is null && (ExpiresAt is null || time < ExpiresAt);
}
