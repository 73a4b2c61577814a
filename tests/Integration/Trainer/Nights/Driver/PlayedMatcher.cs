using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Tests.Integration.Fixtures;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Driver;

/// <summary>Does what the Matcher does about <c>cpf.model_preparations</c>, by SQL: contents are grouped by their id's remainder.</summary>
internal sealed class PlayedMatcher : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _playing;

    /// <param name="database">The database.</param>
    /// <param name="groups">How many groups a new model has.</param>
    public PlayedMatcher(TestDatabase database, int groups = 10)
    {
        _database = database;
        Groups = groups;
        _playing = PlayAsync();
    }

    public int Groups { get; set; }

    /// <summary>False: it does not activate.</summary>
    public bool Activates { get; set; } = true;

    /// <summary>Why it can group nothing; null: it can.</summary>
    public string? Unfit { get; set; }

    /// <summary>Groups everything embedded under a model.</summary>
    public static Task GroupAsync(TestDatabase database, long modelId, int groups) => database.ExecuteAsync(
        """
        with members as (
            select e.content_id from cpf.models m join cpf.embeddings e using (head_id) where m.model_id = $1
        ), named as (
            select abs(content_id % $2) as r, min(content_id) as group_id from members group by 1
        )
        insert into cpf.group_members (model_id, content_id, group_id, component_id, reconciled)
        select $1, m.content_id, n.group_id, n.group_id, true from members m join named n on n.r = abs(m.content_id % $2)
        on conflict (model_id, content_id) do nothing
        """, modelId, (long)groups);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _playing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task PlayAsync()
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _stop.Token);
            foreach (var row in await _database.QueryAsync("select model_id, wanted, grouped_at is not null from cpf.model_preparations"))
            {
                var modelId = (long)row[0]!;
                if (Unfit is { } why)
                {
                    await _database.ExecuteAsync(
                        "update cpf.model_preparations set failures = failures + 1, message = $2 where model_id = $1", modelId, why);
                }
                else if (!(bool)row[2]!)
                {
                    await GroupAsync(_database, modelId, Groups);
                    await _database.ExecuteAsync(
                        """
                        update cpf.model_preparations set grouped_at = now(), progress = 1, updated_at = now() where model_id = $1
                        """, modelId);
                }
                else if ((string)row[1]! == "activation" && Activates)
                {
                    await ActivateAsync(modelId);
                }
            }
        }
    }

    private async Task ActivateAsync(long modelId)
    {
        await using var connection = await _database.DataSource.OpenConnectionAsync(_stop.Token);
        await using var transaction = await connection.BeginTransactionAsync(_stop.Token);
        await TransactionLocks.TakeGroupsAsync(connection, _stop.Token);
        try
        {
            await ModelTransitions.ActivateAsync(connection, modelId, _stop.Token);
            await transaction.CommitAsync(_stop.Token);
        }
        catch (InvalidOperationException)
        {
            // It was withdrawn in the meantime.
        }
    }
}
