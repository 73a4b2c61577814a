using System.Text.Json;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Exports;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Sql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Exports;

public sealed class ExportTests(TestDatabases databases) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-export-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ExportQuery.Members, "match_group_members")]
    [InlineData(ExportQuery.Groups, "match_groups")]
    [InlineData(ExportQuery.Pairs, "match_pairs")]
    [InlineData(ExportQuery.Changes, "group_changes")]
    public async Task RunAsync_EveryKind_WritesTheRowsOfItsView(string what, string view)
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);

        var rows = await ExportAsync(database, what);

        Assert.NotEmpty(rows);
        Assert.Equal(await database.ScalarAsync<long>($"select count(*) from cpf.{view}"), rows.Count);
    }

    [Fact]
    public async Task RunAsync_Members_TellsWhatTheViewTells()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);

        var row = (await ExportAsync(database, ExportQuery.Members)).Single(r => r.GetProperty("external_id").GetString() == "b-1");

        Assert.Equal("1", row.GetProperty("group_id").GetString());
        Assert.Equal("shop-b", row.GetProperty("source").GetString());
        Assert.Equal("gtin:1", row.GetProperty("product_key").GetString());
        Assert.Equal(1, row.GetProperty("medoid_similarity").GetDouble());
        Assert.Equal("https://shop-b/b-1", row.GetProperty("uri").GetString());
    }

    [Fact]
    public async Task RunAsync_ChangesSinceAPosition_GoesOnWhereTheLastOneEnded()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);
        var all = (await ExportAsync(database, ExportQuery.Changes)).Select(r => r.GetProperty("seq").GetInt64()).ToList();
        var error = new StringWriter();

        var rest = await ExportAsync(database, ExportQuery.Changes, all[2], error);

        Assert.Equal(all.Skip(3), rest.Select(r => r.GetProperty("seq").GetInt64()));
        Assert.Contains($"go on with --since {all[^1]}", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(await ExportAsync(database, ExportQuery.Changes, all[^1], error));
        Assert.EndsWith($"0 rows; go on with --since {all[^1]}", error.ToString().Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ErasureUnderWay_ExportsNothingOfThePicture()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);

        // As Ingest leaves it at the first step: no image shows the picture any more, and the rest is still to be removed.
        await database.ExecuteAsync(
            """
            delete from cpf.images where content_id = 1;
            insert into cpf.erasures (scope, tombstone, content_id, who) values ('content', sha256('1'), 1, 'ann');
            """);
        var hash = await database.ScalarAsync<string>("select encode(sha256, 'hex') from cpf.contents where content_id = 1");

        foreach (var what in new[] { ExportQuery.Members, ExportQuery.Pairs, ExportQuery.Changes })
        {
            foreach (var row in await ExportAsync(database, what))
            {
                Assert.All(
                    row.EnumerateObject().Where(p => p.Name is "content_id" or "content_a" or "content_b" or "sha256"),
                    p => Assert.False(p.Value.GetString() == "1" || p.Value.GetString() == hash, $"{what}: {row}"));
            }
        }

        Assert.Contains(await ExportAsync(database, ExportQuery.Changes), r => r.GetProperty("content_id").GetString() == "-1");
    }

    [Fact]
    public async Task RunAsync_ErasuresOfOnePicture_RepeatNoChangeAndKeepWhatIsStillShown()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);
        var before = await ExportAsync(database, ExportQuery.Changes);

        // Of two listings of content 1 each is being erased; of content 2 one is, and another still shows it.
        await database.ExecuteAsync(
            """
            delete from cpf.images where content_id = 1;
            insert into cpf.erasures (scope, tombstone, content_id, who)
            values ('image', sha256('a'), 1, 'ann'), ('image', sha256('b'), 1, 'ann'), ('image', sha256('c'), 2, 'ann');
            """);
        var during = await ExportAsync(database, ExportQuery.Changes);

        Assert.Equal(before.Select(r => r.GetProperty("seq").GetInt64()), during.Select(r => r.GetProperty("seq").GetInt64()));
        Assert.DoesNotContain(during, r => r.GetProperty("content_id").GetString() is "1" or "-2" or "-3");
        Assert.Contains(before, r => r.GetProperty("content_id").GetString() == "2");
        Assert.Equal(
            before.Count(r => r.GetProperty("content_id").GetString() == "2"),
            during.Count(r => r.GetProperty("content_id").GetString() == "2"));
    }

    [Fact]
    public async Task RunAsync_Failure_LeavesTheFileOfBefore()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);
        var path = Path.Combine(_folder, "members.csv");
        await File.WriteAllTextAsync(path, "before", Token);
        await database.ExecuteAsync("drop view cpf.match_group_members");

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => new ExportSession(database.DataSource, TextWriter.Null)
            .RunAsync(ExportQuery.Members, ExportSession.Csv, null, path, Token));

        Assert.Equal("before", await File.ReadAllTextAsync(path, Token));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData(ExportQuery.Members, ExportSession.Csv, 5L, null, "--since goes with --what changes only")]
    [InlineData(ExportQuery.Members, ExportSession.Parquet, null, null, "parquet needs a file: --output FILE")]
    [InlineData(ExportQuery.Members, ExportSession.Csv, null, "/no/such/folder/file", "--output: ")]
    public async Task RunAsync_WrongUsage_SaysWhatIsWrong(string what, string format, long? since, string? path, string expected)
    {
        await using var database = await databases.CreateAsync(Token);

        var refused = await Assert.ThrowsAsync<CommandException>(
            () => new ExportSession(database.DataSource, TextWriter.Null).RunAsync(what, format, since, path, Token));

        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.StartsWith(expected, refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<List<JsonElement>> ExportAsync(TestDatabase database, string what, long? since = null, TextWriter? error = null)
    {
        var path = Path.Combine(_folder, $"{what}.ndjson");
        await new ExportSession(database.DataSource, error ?? TextWriter.Null).RunAsync(what, ExportSession.Ndjson, since, path, Token);
        return [.. (await File.ReadAllLinesAsync(path, Token)).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
