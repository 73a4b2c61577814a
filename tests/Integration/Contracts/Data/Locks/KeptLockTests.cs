using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Locks;

public sealed class KeptLockTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryTake_HeldByAnother_IsNullUntilItIsGivenBack()
    {
        await using var database = await databases.CreateAsync(Token);
        await using (await KeptLock.TryTakeAsync(database.DataSource, "a", Token))
        {
            Assert.Null(await KeptLock.TryTakeAsync(database.DataSource, "a", Token));
            await using var other = await KeptLock.TryTakeAsync(database.DataSource, "b", Token);
            Assert.NotNull(other);
        }

        await using var again = await KeptLock.TryTakeAsync(database.DataSource, "a", Token);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task TryTake_HoldersSessionEnded_IsTakenAtOnceAndTheFormerHolderCannotWrite()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var first = await KeptLock.TryTakeAsync(database.DataSource, "a", Token);
        await database.ExecuteAsync("select pg_terminate_backend(holder_pid, 10000) from cpf.kept_locks where name = 'a'");

        await using var second = await KeptLock.TryTakeAsync(database.DataSource, "a", Token);

        Assert.NotNull(second);
        await using var write = new NpgsqlCommand("insert into cpf.outbox (type, payload) values ('late', '{}')", first!.Connection);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => write.ExecuteNonQueryAsync(Token));
        await first.DisposeAsync();
        Assert.Null(await KeptLock.TryTakeAsync(database.DataSource, "a", Token));
    }

    [Fact]
    public async Task TryTake_HoldersProcessIdBelongsToAnotherSessionNow_IsTaken()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var first = await KeptLock.TryTakeAsync(database.DataSource, "a", Token);
        await database.ExecuteAsync("update cpf.kept_locks set holder_started = holder_started - interval '1 hour'");

        await using var second = await KeptLock.TryTakeAsync(database.DataSource, "a", Token);

        Assert.NotNull(second);
    }

    [Fact]
    public async Task TryTake_HoldersStartIsHidden_IsNullUntilItIsGivenBack()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var service = AsService(database);
        await using (await KeptLock.TryTakeAsync(database.DataSource, "a", Token))
        {
            Assert.Null(await KeptLock.TryTakeAsync(service, "a", Token));
        }

        await using var again = await KeptLock.TryTakeAsync(service, "a", Token);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task TryTake_HoldersProcessIdBelongsToAnotherRoleNow_IsTaken()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var first = await KeptLock.TryTakeAsync(database.DataSource, "a", Token);
        await database.ExecuteAsync("update cpf.kept_locks set holder_role = 'cpf_reader'::regrole");

        await using var service = AsService(database);
        await using var second = await KeptLock.TryTakeAsync(service, "a", Token);

        Assert.NotNull(second);
    }

    [Fact]
    public async Task TryTake_HeldByAnother_KeepsNoConnection()
    {
        await using var database = await databases.CreateAsync(Token);
        var text = new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 2, Timeout = 5 }.ConnectionString;
        await using var small = NpgsqlDataSource.Create(text);
        await using var held = await KeptLock.TryTakeAsync(small, "a", Token);

        for (var i = 0; i < 3; i++)
        {
            Assert.Null(await KeptLock.TryTakeAsync(small, "a", Token));
        }
    }

    [Fact]
    public async Task Dispose_CannotBeGivenBack_EndsItsSession()
    {
        await using var database = await databases.CreateAsync(Token);
        var held = await KeptLock.TryTakeAsync(database.DataSource, "a", Token);
        await held!.Connection.Sql("set statement_timeout = 200").ExecuteAsync(Token);
        await using (var other = await database.DataSource.OpenConnectionAsync(Token))
        await using (await other.BeginTransactionAsync(Token))
        {
            await other.Sql("select from cpf.kept_locks for update").ExecuteAsync(Token);
            await held.DisposeAsync();
        }

        // From another process: this one might get the same session again, and give the lock back in its name.
        await using var another = NpgsqlDataSource.Create(database.ConnectionString);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        await using var next = await KeptLock.TakeAsync(
            another, "a", TimeProvider.System, TimeSpan.FromMinutes(1), _ => { }, patience.Token);
    }

    [Fact]
    public async Task TryTake_ManyAtOnce_OneHasIt()
    {
        await using var database = await databases.CreateAsync(Token);
        for (var round = 0; round < 20; round++)
        {
            // New sessions each time, because a session that has just begun must be visible too.
            database.DataSource.Clear();
            var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => KeptLock.TryTakeAsync(database.DataSource, "a", Token)));
            var held = Assert.Single(all, l => l is not null);
            await held!.DisposeAsync();
        }
    }

    [Fact]
    public async Task TryTake_CancelledDuringTheCall_KeepsNothing()
    {
        await using var database = await databases.CreateAsync(Token);
        await using (await KeptLock.TryTakeAsync(database.DataSource, "a", Token))
        {
        }

        await using var other = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await other.BeginTransactionAsync(Token);
        await using var hold = new NpgsqlCommand("select from cpf.kept_locks for update", other);
        await hold.ExecuteNonQueryAsync(Token);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var taking = KeptLock.TryTakeAsync(database.DataSource, "a", cancelled.Token);
        await cancelled.CancelAsync();
        await transaction.RollbackAsync(Token);

        // Either the cancellation came too late, or the lock is free.
        try
        {
            await (await taking)!.DisposeAsync();
        }
        catch (OperationCanceledException)
        {
        }

        await using var next = await KeptLock.TryTakeAsync(database.DataSource, "a", Token);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task Take_HeldByAnother_ReportsTheWait()
    {
        await using var database = await databases.CreateAsync(Token);
        var told = new TaskCompletionSource();
        Task<KeptLock> taking;
        await using (await KeptLock.TryTakeAsync(database.DataSource, "a", Token))
        {
            taking = KeptLock.TakeAsync(database.DataSource, "a", TimeProvider.System, TimeSpan.Zero, _ => told.TrySetResult(), Token);
            await told.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
            Assert.False(taking.IsCompleted);
        }

        await using var taken = await taking.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Fact]
    public async Task Take_WaitGoesOn_IsReportedOnceInEachSpan()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var held = await KeptLock.TryTakeAsync(database.DataSource, "a", Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var told = new List<double>();
        var time = new SecondPerPause(stop.Cancel, lastPause: 8);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => KeptLock.TakeAsync(
            database.DataSource, "a", time, TimeSpan.FromSeconds(3), waited => told.Add(waited.TotalSeconds), stop.Token));

        Assert.Equal([3, 6], told);
    }

    [Fact]
    public async Task Held_ForLong_DoesNotHoldBackVacuum()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var held = await KeptLock.TryTakeAsync(database.DataSource, "a", Token);

        Assert.Equal(1L, await database.ScalarAsync<long>(
            "select count(*) from pg_stat_activity where pid = $1 and state = 'idle' and backend_xid is null and backend_xmin is null",
            held!.Connection.ProcessID));
    }

    // A role that may use the schema, and from which PostgreSQL hides when the sessions of other roles began.
    private static NpgsqlDataSource AsService(TestDatabase database) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = "-c role=cpf_service" }.ConnectionString);

    // Every pause ends at once and takes a second of this clock.
    private sealed class SecondPerPause(Action atLast, int lastPause) : TimeProvider
    {
        private int _pauses;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _pauses;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (++_pauses == lastPause)
            {
                atLast();
            }

            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
