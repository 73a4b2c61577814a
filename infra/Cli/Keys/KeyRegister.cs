using CpfPipeline.Cli.Installations;
using CpfPipeline.Data.Access;
using Npgsql;

namespace CpfPipeline.Cli.Keys;

/// <summary>Keys in the database, changed as the schema's owner: no service is needed, so the first key can be made.</summary>
internal static class KeyRegister
{
    /// <summary>With the user's name for the audit.</summary>
    public static ApiKeyRegister Of(NpgsqlDataSource dataSource) => new(dataSource, Environment.UserName);

    /// <summary>Works on the keys of an installation, or of the database that was given.</summary>
    public static async Task<T> UseAsync<T>(Func<ApiKeyRegister, Task<T>> work)
    {
        await using var dataSource = NpgsqlDataSource.Create(Installation.FindPostgresOwner());
        return await work(Of(dataSource));
    }

    /// <summary>A key by its name or id.</summary>
    /// <exception cref="CommandException">There is none, or it was revoked.</exception>
    public static async Task<ApiKey> FindAsync(ApiKeyRegister register, string nameOrId, CancellationToken cancellationToken) =>
        await register.FindAsync(nameOrId, cancellationToken) is { RevokedAt: null } key ? key
            : throw CommandException.Usage($"there is no valid key {nameOrId}: infra/cpf keys list shows them");
}
