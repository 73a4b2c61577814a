using Npgsql;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>
/// Holds a run of the Trainer at the entry of a step, when the work before is done but not yet recorded. A trigger waits until the gate
/// opens. A process killed then is killed at that step on any machine.
/// </summary>
internal sealed class StepGate : IAsyncDisposable
{
    private const int LockClass = 424_242;

    private static readonly string Install = $$"""
        create table public.held_steps (step text primary key);
        insert into public.held_steps
        select unnest(array['building_set', 'training', 'calibrating', 'evaluating', 'gate', 'shadow_embed', 'index', 'join', 'diff',
            'activate']);
        grant select on public.held_steps to cpf_service;
        create function public.hold_step() returns trigger language plpgsql security definer as $$
        begin
            if new.step is distinct from old.step and exists (select from public.held_steps where step = new.step) then
                perform pg_advisory_xact_lock({{LockClass}}, hashtext(new.step));
                for i in 1 .. 2400 loop
                    exit when not exists (select from public.held_steps where step = new.step);
                    perform pg_sleep(0.05);
                end loop;
            end if;
            return new;
        end $$;
        create trigger hold_step before update on cpf.training_runs for each row execute function public.hold_step();
        """;

    private static readonly string Held = $$"""
        select s.step from public.held_steps s
        where exists (select from pg_locks l where l.locktype = 'advisory' and l.classid = {{LockClass}}
            and l.objid::bigint = (hashtext(s.step)::bigint & 4294967295))
        """;

    private readonly Stack _stack;

    // Kept: it is asked many times a second, and each new connection costs a process of the server and a check of the password.
    private NpgsqlConnection? _connection;

    private StepGate(Stack stack) => _stack = stack;

    public static async Task<StepGate> InstallAsync(Stack stack)
    {
        await stack.ExecuteAsSuperuserAsync(Install);
        return new StepGate(stack);
    }

    /// <summary>The step at which a run waits now; null: none, or the server does not answer.</summary>
    public async Task<string?> HeldAsync()
    {
        try
        {
            if (_connection is null)
            {
                _connection = new NpgsqlConnection(_stack.Postgres);
                await _connection.OpenAsync();
            }

#pragma warning disable CA2100 // The text above.
            await using var command = new NpgsqlCommand(Held, _connection);
#pragma warning restore CA2100
            return (string?)await command.ExecuteScalarAsync();
        }
        catch (NpgsqlException)
        {
            await DisposeAsync();
            return null;
        }
    }

    /// <summary>Opens the gate for a step.</summary>
    public Task OpenAsync(string step) => _stack.ExecuteAsSuperuserAsync($"delete from public.held_steps where step = '{step}'");

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}
