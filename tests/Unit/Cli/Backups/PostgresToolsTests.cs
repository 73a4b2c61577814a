using CpfPipeline.Cli.Backups;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Backups;

public sealed class PostgresToolsTests
{
    private static readonly (string, int)[] Found = [("/17/pg_dump", 17), ("/15/pg_dump", 15), ("/16/pg_dump", 16)];

    [Theory]
    [InlineData(15, 0, 15)]
    [InlineData(16, 0, 16)]
    [InlineData(14, 0, 15)]
    [InlineData(17, 16, 17)]
    [InlineData(15, 16, 16)]
    public void Choose_ServerAndDump_TakesTheOldestThatReadsBoth(int server, int dump, int chosen) =>
        Assert.Equal(chosen, PostgresTools.Choose(Found, server, dump)?.Version);

    [Fact]
    public void Choose_AllOlderThanTheServer_IsNone() => Assert.Null(PostgresTools.Choose(Found, 18, 0));

    [Fact]
    public void Choose_ToolThatSetsWhatTheServerDoesNotKnow_IsNone() => Assert.Null(PostgresTools.Choose([("/17/pg_dump", 17)], 16, 0));

    [Fact]
    public void Find_NoneForTheServer_SaysWhichPackage()
    {
        var e = Assert.Throws<CpfPipeline.Cli.CommandException>(() => PostgresTools.Find("pg_dump", 99));
        Assert.Contains("postgresql-client-99", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_ConnectionWithPassword_HasItInTheEnvironmentOnly()
    {
        var start = PostgresTools.Start(
            "/15/pg_dump", "Host=db;Port=6432;Username=u;Password=s3cret;Database=d;SSL Mode=VerifyFull;Root Certificate=/ca",
            "--format=custom");

        Assert.Equal(["--format=custom"], start.ArgumentList);
        Assert.Equal(
            ("db", "6432", "u", "s3cret", "d", "verify-full", "/ca"),
            (start.Environment["PGHOST"], start.Environment["PGPORT"], start.Environment["PGUSER"], start.Environment["PGPASSWORD"],
                start.Environment["PGDATABASE"], start.Environment["PGSSLMODE"], start.Environment["PGSSLROOTCERT"]));
        Assert.DoesNotContain("PGPASSFILE", start.Environment.Keys);
    }

    [Fact]
    public void EnvironmentOf_SeveralHosts_NamesEachWithItsPort()
    {
        var variables = PostgresTools.EnvironmentOf(new NpgsqlConnectionStringBuilder(
            "Host=a:6432,b,/run/postgresql;Port=5433;Username=u;Target Session Attributes=read-write;Channel Binding=Require"))
            .ToDictionary();

        Assert.Equal(
            ("a,b,/run/postgresql", "6432,5433,5433", "read-write", "require"),
            (variables["PGHOST"], variables["PGPORT"], variables["PGTARGETSESSIONATTRS"], variables["PGCHANNELBINDING"]));
    }

    [Theory]
    [InlineData("SSL Mode=VerifyFull", "without a Root Certificate")]
    [InlineData("SSL Certificate=/c.pfx", "PFX")]
    [InlineData("SSL Certificate=/c.pem;SSL Password=x", "SSL Password")]
    [InlineData("Target Session Attributes=prefer-primary", "prefer-primary")]
    public void EnvironmentOf_WhatLibpqCannotBeTold_IsRefusedByName(string setting, string expected) => Assert.Contains(
        expected,
        Assert.Throws<CpfPipeline.Cli.CommandException>(
            () => PostgresTools.EnvironmentOf(new NpgsqlConnectionStringBuilder($"Host=h;Username=u;{setting}"))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void EnvironmentOf_NoSslMode_IsLibpqsPrefer() =>
        Assert.Contains(
            PostgresTools.EnvironmentOf(new NpgsqlConnectionStringBuilder("Host=h;Username=u")),
            v => v is { Key: "PGSSLMODE", Value: "prefer" });
}
