using CpfPipeline.Hosting.Health;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Health;

public sealed class BrokenServersTests
{
    public static TheoryData<Exception, int> Exceptions => new()
    {
        { new NpgsqlException("connection refused"), 503 },
        { new PostgresException("the database system is shutting down", "FATAL", "FATAL", PostgresErrorCodes.AdminShutdown), 503 },
        { new PostgresException("no such column", "ERROR", "ERROR", PostgresErrorCodes.UndefinedColumn), 500 },
        { new PostgresException("invalid byte sequence", "ERROR", "ERROR", PostgresErrorCodes.CharacterNotInRepertoire), 400 },
        { new TimeoutException(), 503 },
        { new InvalidOperationException(), 500 },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void StatusOf_Exception_TellsWhetherToAskAgain(Exception exception, int status) =>
        Assert.Equal(status, BrokenServers.StatusOf(exception));
}
