using CpfPipeline.Data.Access;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Access.Keys;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Access;

public sealed class AccessDatabaseTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_WhileRequestsHoldAllConnections_AreLookedUp()
    {
        await using var database = await databases.CreateAsync(Token);
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1, Timeout = 1 };
        var builder = ServiceHost.CreateBuilder("Test", ["--ConnectionStrings:Postgres", connection.ConnectionString]);
        await using var app = builder.Build();
        await using var taken = await app.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Token);
        await Assert.ThrowsAsync<NpgsqlException>(
            async () => await app.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Token));

        var key = ApiKeyText.TryParse(TestKey.Text)!;
        Assert.Equal(TestKey.Name, (await app.Services.GetRequiredService<ApiKeyCheck>().FindAsync(key, Token))!.Name);
    }
}
