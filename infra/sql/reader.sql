-- What cpf_reader may not do, as far as only a superuser can say so. Run it in the database of the pipeline once, again after a restore, and when a login was granted
-- cpf_reader; it may be repeated. `infra/cpf up` does so on its own server. PostgreSQL lets everybody do these things; the services need none of them.
do $$
declare
    routine regprocedure;
    reader  name;
    place   text;
    setting text;
begin
    -- Large objects, which fill the disk; advisory locks, for which others may wait; messages in the write-ahead log, which fill it; transaction ids.
    for routine in
        select p.oid::regprocedure from pg_catalog.pg_proc p
        where p.pronamespace = 'pg_catalog'::regnamespace
          and (p.proname in ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import', 'lo_open', 'lo_put', 'lowrite', 'lo_truncate', 'lo_truncate64', 'lo_unlink',
                             'pg_logical_emit_message', 'pg_current_xact_id', 'txid_current')
               or p.proname ~ '^pg_(try_)?advisory_(xact_)?lock(_shared)?$')
    loop
        execute format('revoke execute on function %s from public', routine);
    end loop;

    -- The migration does this, too, but rights on a database do not come with its dump, and the schema public may be the superuser's.
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant temporary on database %I to cpf_service', current_database());
    revoke create on schema public from public;

    -- Blocks and functions of a procedural language, which compute whatever they like. Who owns the schema needs them for migrations, and the
    -- services for their locks and for Hangfire's tables.
    revoke usage on language plpgsql from public;
    grant usage on language plpgsql to cpf_service;
    execute format('grant usage on language plpgsql to %I',
        (select r.rolname from pg_catalog.pg_database d join pg_catalog.pg_roles r on r.oid = d.datdba where d.datname = current_database()));

    -- Limits of sessions, in this database and in others. A session may lift those of time and memory for itself; the one of temporary files, and what it
    -- writes into the server's log, it may not. Who is more than a reader gets none.
    for reader in
        select r.rolname from pg_catalog.pg_roles r
        where (pg_has_role(r.oid, 'cpf_reader', 'member') or pg_has_role(r.oid, 'cpf_auditor', 'member')) and not r.rolsuper and not r.rolcreaterole and not pg_has_role(r.oid, 'cpf_service', 'member')
          and r.oid <> (select d.datdba from pg_catalog.pg_database d where d.datname = current_database())
    loop
        foreach place in array array[format('in database %I', current_database()), '']
        loop
            foreach setting in array array[
                'statement_timeout = ''15min''', 'idle_in_transaction_session_timeout = ''5min''', 'lock_timeout = ''30s''', 'work_mem = ''32MB''',
                'hash_mem_multiplier = 1', 'max_parallel_workers_per_gather = 2', 'temp_file_limit = ''512MB''', 'log_min_messages = fatal', 'log_min_error_statement = panic']
            loop
                execute format('alter role %I %s set %s', reader, place, setting);
            end loop;
        end loop;
    end loop;
    execute format('alter role cpf_reader in database %I set default_transaction_read_only = on', current_database());
    execute format('alter role cpf_reader in database %I set search_path = cpf, public', current_database());
    if (select rolconnlimit from pg_catalog.pg_roles where rolname = 'cpf_reader') <> 20 then
        alter role cpf_reader connection limit 20;
    end if;
end $$;
