using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Processes;

/// <summary><c>infra/local/postgres.sh</c> as a process: a cluster for tests and one that keeps data.</summary>
public sealed class PostgresScriptTests : IAsyncDisposable
{
    private const string Password = "0123456789abcdef";
    private const int MaxAttempts = 3;

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("cpf-postgres-");
    private int _port = FreePort();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_AfterTests_MakesAnotherClusterThatWaitsForTheDisk()
    {
        TestServer.Required(TestDatabases.Variable);
        Assert.SkipWhen(
            Environment.GetEnvironmentVariable("CPF_POSTGRES") is { Length: > 0 },
            "the server is somebody else's: there may be none to start");

        if (!OperatingSystem.IsWindows())
        {
            // The server's own user has to reach its data.
            File.SetUnixFileMode(_home.FullName, (UnixFileMode)Convert.ToInt32("755", 8));
        }

        await StartAsync(throwaway: "1");
        var first = await AskAsync();
        await StartAsync(throwaway: "1");
        var again = await AskAsync();
        await StartAsync(throwaway: null);
        var kept = await AskAsync();
        await StartAsync(throwaway: "1");
        var used = await AskAsync();

        Assert.Equal("off", first.Fsync);
        Assert.Equal(first, again);
        Assert.Equal("on", kept.Fsync);
        Assert.NotEqual(first.Cluster, kept.Cluster);
        Assert.Equal(kept, used); // What somebody keeps is never turned into one for tests.
    }

    public async ValueTask DisposeAsync()
    {
        var file = Path.Combine(_home.FullName, "postgres", "data", "postmaster.pid");
        if (File.Exists(file))
        {
            using var server = Process.GetProcessById(int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture));
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(CancellationToken.None);
        }

        _home.Delete(recursive: true);
    }

    private async Task StartAsync(string? throwaway)
    {
        var log = Path.Combine(_home.FullName, "postgres.log");
        var script = Path.Combine(Repository.Root(), "infra", "local", "postgres.sh");
        var start = new ProcessStartInfo("bash", [script, "start", log]);
        start.Environment["CPF_HOME"] = _home.FullName;
        start.Environment["CPF_POSTGRES_PASSWORD"] = Password;
        start.Environment["CPF_POSTGRES_OUTSIDE"] = _home.FullName + "/outside";
        start.Environment["CPF_THROWAWAY"] = throwaway ?? "";
        for (var attempt = 1; ; attempt++)
        {
            start.Environment["CPF_POSTGRES_PORT"] = _port.ToString(CultureInfo.InvariantCulture);
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(Token);
            if (process.ExitCode == 0)
            {
                return;
            }

            // Another program may have taken the port meanwhile.
            Assert.True(attempt < MaxAttempts, File.ReadAllText(log));
            _port = FreePort();
        }
    }

    private async Task<(string Fsync, long Cluster)> AskAsync()
    {
        var address = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = _port, Username = "postgres", Password = Password, Database = "postgres", Pooling = false,
        };
        await using var connection = new NpgsqlConnection(address.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(
            "select current_setting('fsync'), system_identifier from pg_control_system()", connection);
        await using var reader = await command.ExecuteReaderAsync(Token);
        await reader.ReadAsync(Token);
        return (reader.GetString(0), reader.GetInt64(1));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
