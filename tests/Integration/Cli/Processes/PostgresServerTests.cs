using CpfPipeline.Cli.Processes;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Processes;

public sealed class PostgresServerTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // As a database is that was made before PostgreSQL 15: the schema's owner cannot close it.
    [Fact]
    public async Task PrepareExternalAsync_SchemaThatEverybodyWritesTo_SaysSo()
    {
        await using var database = await databases.CreateAsync(Token);
        var closed = await PostgresServer.PrepareExternalAsync(database.ConnectionString, Token);
        await database.ExecuteAsync("grant create on schema public to public");
        var open = await PostgresServer.PrepareExternalAsync(database.ConnectionString, Token);

        Assert.DoesNotContain("reader.sql", closed, StringComparison.Ordinal);
        Assert.Contains("infra/sql/reader.sql", open, StringComparison.Ordinal);
    }
}
