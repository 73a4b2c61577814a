using System.Text.Json;
using CpfPipeline.Cli.Keys;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Access;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class KeysListVerb : AsyncCommand<ListSettings>
{
    public override Task<int> ExecuteAsync(CommandContext context, ListSettings settings, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        return KeyRegister.UseAsync(register => settings.PrintAsync<ApiKey>(
            async () => JsonSerializer.Serialize(
                (await register.ListAsync(cancellationToken)).Select(k => new
                {
                    k.Name, k.KeyId, State = KeyTable.StateOf(k, now), k.Roles, k.Sources, k.CreatedAt, k.ExpiresAt, k.RevokedAt,
                    k.LastUsedAt,
                }),
                ServiceClient.IndentedJson),
            async () => await register.ListAsync(cancellationToken), keys => KeyTable.Write(keys, now)));
    }
}
