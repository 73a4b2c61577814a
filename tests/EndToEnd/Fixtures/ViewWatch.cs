using Npgsql;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>A reader that looks at the views every 50 ms and records anything that no reader should see.</summary>
internal sealed class ViewWatch : IAsyncDisposable
{
    private const string Look = """
        select (select count(distinct model_id) from cpf.match_group_members),
               (select count(*) from cpf.match_group_members),
               (select count(*) from (select content_id from cpf.match_group_members
                   group by content_id having count(distinct group_id) > 1) c),
               (select count(*) from cpf.match_groups g where g.images <> (select count(*) from cpf.match_group_members m
                   where m.group_id = g.group_id)),
               (select count(*) from cpf.image_status where status <> 'matched')
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _faults = [];
    private readonly Task _looking;

    public ViewWatch(Stack stack) => _looking = Task.Run(() => RunAsync(stack));

    /// <summary>Looks that saw something, so that a watch that never saw anything is noticed.</summary>
    public int Looks { get; private set; }

    /// <summary>Stops and returns what was wrong.</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        await _stop.CancelAsync();
        await _looking;
        return _faults;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(Stack stack)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = new NpgsqlConnection(stack.Postgres);
                await connection.OpenAsync(_stop.Token);
                while (true)
                {
                    await LookAsync(connection);
                    await Task.Delay(Pause, TimeProvider.System, _stop.Token);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or IOException)
            {
                // The server was killed: a reader comes back.
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private async Task LookAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Look, connection);
        await using var reader = await command.ExecuteReaderAsync(_stop.Token);
        await reader.ReadAsync(_stop.Token);
        var (models, members, twice, sizes, unmatched) = (
            reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
        Looks++;
        if (models != 1 || members == 0 || twice != 0 || sizes != 0 || unmatched != 0)
        {
            _faults.Add($"{models} models, {members} members, {twice} in two groups, {sizes} groups of another size than told, {unmatched} "
                + "images not matched");
        }
    }
}
