using System.ComponentModel;
using CpfPipeline.Cli.Databases;
using CpfPipeline.Cli.Installations;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class MigrateVerb : AsyncCommand<MigrateVerb.Settings>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        if (settings.Wait)
        {
            var login = Read("CPF_POSTGRES_SERVICE") ?? throw Missing("CPF_POSTGRES_SERVICE");
            await SchemaWait.RunAsync(login, Patience, Console.WriteLine, TimeProvider.System, cancellationToken);
            return (int)ExitCode.Done;
        }

        var owner = Read("CPF_POSTGRES") ?? throw Missing("CPF_POSTGRES");
        await new DatabaseSetup(owner, Read("CPF_POSTGRES_SERVICE"), Read("CPF_POSTGRES_SUPERUSER"))
            .RunAsync(Console.WriteLine, cancellationToken);
        return (int)ExitCode.Done;
    }

    private static string? Read(string variable) => GivenText.Of(variable) is { } text ? ConnectionText.Postgres(text) : null;

    private static CommandException Missing(string variable) =>
        CommandException.Usage($"migrate needs {variable}, or {variable}_FILE; the servers of a checkout are for infra/cpf up");

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--wait")]
        [Description("Change nothing: wait up to ten minutes until the database has this version, as the login of CPF_POSTGRES_SERVICE.")]
        public bool Wait { get; init; }
    }
}
