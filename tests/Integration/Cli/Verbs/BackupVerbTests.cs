using System.Diagnostics;
using System.Security.Cryptography;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Backups;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Tests.Integration.Cli.Backups;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Verbs;

/// <summary>backup, restore and verify as processes: what they end with, and what they bring back.</summary>
public sealed class BackupVerbTests(TestDatabases databases) : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "CpfPipeline.Cli.dll");

    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-verbs-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task BackupAndRestore_AfterOneThatWasKilled_BringBackGroupsReceiptsAndTombstones()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        var shoe = await world.Harness.ShowAsync("shoe", 1, productKey: "gtin:1");
        await world.Harness.ShowAsync("shoe again", 2);
        await world.EraseAsync(await world.Harness.ShowAsync("erased", 3, 0, 1));
        var source = HomeOf("source", world.Source, world.Harness.Database.ConnectionString);
        var keys = Path.Combine(_folder, "keys.json");

        // pg_dump waits for this table, and is killed there with the command.
        await using (var connection = await world.Harness.Database.DataSource.OpenConnectionAsync(Token))
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await new Npgsql.NpgsqlCommand("lock table cpf.review_answers in access exclusive mode", connection, transaction)
                .ExecuteNonQueryAsync(Token);
            using var killed = Start(source, "backup", world.Folder.Root);
            await Until.TrueAsync(() => Task.FromResult(Directory.Exists(world.Folder.Backups)
                && Directory.EnumerateDirectories(world.Folder.Backups).Any()));
            killed.Kill(entireProcessTree: true);
            await killed.WaitForExitAsync(Token);
        }

        Assert.Contains(
            "a backup that was not finished, and none that was",
            Assert.Throws<CommandException>(() => RestoreSession.Open(world.Folder)).Message, StringComparison.Ordinal);

        var (made, output, _) = await RunAsync(source, "backup", world.Folder.Root, "--keys", keys);
        Assert.Equal((int)ExitCode.Done, made);
        Assert.Contains("1 erasures", output, StringComparison.Ordinal);
        Assert.Single(Directory.GetDirectories(world.Folder.Backups));

        var empty = await world.NewTargetAsync(withKey: false);
        await using var database = empty.Database;
        var target = HomeOf("target", null, database.ConnectionString);
        var (refused, _, why) = await RunAsync(target, "restore", world.Folder.Root);
        Assert.Equal((int)ExitCode.Infrastructure, refused);
        Assert.Contains("tombstone key", why, StringComparison.Ordinal);

        var (restored, said, _) = await RunAsync(target, "restore", world.Folder.Root, "--keys", keys);
        Assert.Equal((int)ExitCode.Done, restored);
        Assert.Contains("2 images", said, StringComparison.Ordinal);
        Assert.Contains("4 blobs", said, StringComparison.Ordinal);
        foreach (var table in new[] { "groups", "group_members", "group_merges", "erasures", "tombstones", "images", "verdicts" })
        {
            Assert.Equal(await RowsAsync(world.Harness.Database, table), await RowsAsync(database, table));
        }

        Assert.NotEmpty(await RowsAsync(database, "group_members"));
        Assert.NotEmpty(await RowsAsync(database, "tombstones"));
        Assert.Equal(shoe, SHA256.HashData(await new FolderBlobStore(Path.Combine(_folder, "target", "blobs")).ReadAsync(shoe, Token)));

        var (again, _, notEmpty) = await RunAsync(target, "restore", world.Folder.Root);
        Assert.Equal((int)ExitCode.Infrastructure, again);
        Assert.Contains("not empty", notEmpty, StringComparison.Ordinal);
    }

    private static async Task<List<string>> RowsAsync(TestDatabase database, string table) =>
        [.. (await database.QueryAsync($"select to_jsonb(t)::text from cpf.{table} t order by 1")).Select(r => (string)r[0]!)];

    // A checkout in which nothing was set up, beside a server of the user's own.
    private Dictionary<string, string?> HomeOf(string name, BackupSource? files, string database)
    {
        var home = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        return new()
        {
            ["CPF_HOME"] = home, ["CPF_POSTGRES"] = database, ["CPF_RABBITMQ"] = "amqp://cpf:none@127.0.0.1:1/cpf",
            ["Blobs__Folder"] = files?.Blobs, ["Ingest__TombstoneKeyFile"] = files?.TombstoneKey,
            ["Ingest__ErasureRecordFolder"] = files?.ErasureRecords,
        };
    }

    private static Process Start(Dictionary<string, string?> environment, params string[] words)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. words]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        Dictionary<string, string?> environment, params string[] words)
    {
        using var process = Start(environment, words);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, await output, await error);
    }
}
