using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Local;

namespace CpfPipeline.Cli.Verbs;

internal sealed class UpVerb : IVerb
{
    public string Name => "up";

    public string Summary => "install, build and start what is missing: PostgreSQL, RabbitMQ, the schema, the four services";

    public string Usage => "";

    public IReadOnlyList<Option> Options => [];

    public int MaxPositionals => 0;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        await StepDisplay.RunAsync(display => new LocalStack(installation).UpAsync(display, replaceOlder: true, cancellationToken));
        Console.WriteLine($"up; the API is at {installation.Url("Ingest")}");
        if (installation.ExternalPostgres is null)
        {
            Console.WriteLine($"SQL for data teams: psql postgres://cpf_reader:{installation.State.ReaderPassword}@127.0.0.1:{installation.State.Ports[Component.Postgres]}/cpf");
        }

        return ExitCode.Done;
    }
}
