using System.Diagnostics;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Suites;

/// <summary>Tells a test or benchmark program where the servers are. It makes its own databases and virtual hosts there.</summary>
internal static class ProgramServers
{
    public static void Tell(ProcessStartInfo program, Installation installation)
    {
        program.Environment["CPF_TEST_POSTGRES"] = installation.PostgresSuperuser;
        program.Environment["CPF_TEST_RABBITMQ"] = installation.RabbitMq;
        if (installation.ExternalRabbitMq is null)
        {
            program.Environment["CPF_TEST_RABBITMQ_CTL"] = Path.Combine(installation.Scripts, "rabbitmq.sh");
        }
    }
}
