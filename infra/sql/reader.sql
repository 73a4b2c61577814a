-- What cpf_reader may not do, as far as only a superuser can say so. Run it in the database of the pipeline once, and again after a restore; it may be repeated.
-- `infra/cpf up` does so on its own server. PostgreSQL lets everybody do these things; the services need none of them.
do $$
declare
    routine regprocedure;
begin
    -- Large objects, which fill the disk; advisory locks, for which others may wait; messages in the write-ahead log, which fill it.
    for routine in
        select p.oid::regprocedure from pg_catalog.pg_proc p
        where p.pronamespace = 'pg_catalog'::regnamespace
          and (p.proname in ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import', 'lo_open', 'lo_put', 'lowrite', 'lo_truncate', 'lo_truncate64', 'lo_unlink',
                             'pg_logical_emit_message')
               or p.proname ~ '^pg_(try_)?advisory_(xact_)?lock(_shared)?$')
    loop
        execute format('revoke execute on function %s from public', routine);
    end loop;

    -- The migration does this, too, but rights on a database do not come with its dump.
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant temporary on database %I to cpf_service', current_database());

    -- Limits of the role's sessions in this database. A session may lift those of time, memory and writing for itself; the one of temporary files and the
    -- number of sessions it may not.
    execute format('alter role cpf_reader in database %I set statement_timeout = ''15min''', current_database());
    execute format('alter role cpf_reader in database %I set idle_in_transaction_session_timeout = ''5min''', current_database());
    execute format('alter role cpf_reader in database %I set lock_timeout = ''30s''', current_database());
    execute format('alter role cpf_reader in database %I set work_mem = ''32MB''', current_database());
    execute format('alter role cpf_reader in database %I set max_parallel_workers_per_gather = 2', current_database());
    execute format('alter role cpf_reader in database %I set default_transaction_read_only = on', current_database());
    execute format('alter role cpf_reader in database %I set temp_file_limit = ''4GB''', current_database());
    execute format('alter role cpf_reader in database %I set search_path = cpf, public', current_database());
    if (select rolconnlimit from pg_catalog.pg_roles where rolname = 'cpf_reader') <> 20 then
        alter role cpf_reader connection limit 20;
    end if;
end $$;
