using CpfPipeline.Cli.Installations;
using CpfPipeline.Data.Access;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Cli.Keys;

/// <summary>
/// The key of this checkout, with all roles: made with the schema, kept in <c>state.json</c>, which only its owner can read, and sent by
/// this command.
/// </summary>
internal static class OwnKey
{
    /// <summary>Makes it where it is missing, or where it opens nothing any more.</summary>
    public static async Task EnsureAsync(Installation installation, CancellationToken cancellationToken)
    {
        await using var dataSource = NpgsqlDataSource.Create(installation.PostgresOwner);
        var register = KeyRegister.Of(dataSource);
        var text = ApiKeyText.TryParse(installation.State.LocalKey);
        var known = text is null ? null : await register.FindAsync(text.KeyId, cancellationToken);
        if (known is { RevokedAt: null } && known.SecretSha256.SequenceEqual(text!.Sha256()))
        {
            return;
        }

        // Without state.json the secrets are new, and nobody has the text of the key that was there.
        var name = installation.ExternalPostgres is null ? "local" : $"local-{installation.Hash}";
        if (await register.FindAsync(name, cancellationToken) is { } former)
        {
            await register.RevokeAsync(former.KeyId, cancellationToken);
        }

        text = ApiKeyText.Make();
        await register.AddAsync(new NewApiKey(name, AccessRole.All, []), text, cancellationToken);
        installation.State.LocalKey = text.Reveal();
        installation.Save();
    }
}
