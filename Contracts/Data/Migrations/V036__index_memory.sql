-- An HNSW graph that outgrows maintenance_work_mem is built on at a few hundred rows a second (measured: 350 over 100,000). So the memory follows
-- from the rows, up to what the caller allows.
create function cpf.embedding_index_megabytes(head bigint) returns integer
language plpgsql stable security definer set search_path = cpf, public, pg_temp as $$
declare dim integer; contents bigint;
begin
    select embedding_dim into strict dim from cpf.heads where head_id = head;
    select count(*) into contents from cpf.embeddings where head_id = head;
    -- Of a row: the vector, 32 neighbours of 16 bytes on the lowest level and a few above, what pgvector notes of it, and some room for growth.
    return 64 + ceil(contents * (2 * dim + 900) / 1048576.0)::integer;
end $$;
comment on function cpf.embedding_index_megabytes(bigint) is 'Memory in MiB that the HNSW index of a head''s embeddings needs while it is built.';

drop function cpf.create_embedding_index(bigint);
create function cpf.create_embedding_index(head bigint, max_megabytes integer default 2048) returns boolean
language plpgsql security definer set search_path = cpf, public, pg_temp set maintenance_work_mem = '512MB' as $$
declare part text := 'embeddings_h' || head; dim integer; build text;
begin
    select embedding_dim into strict dim from cpf.heads where head_id = head for no key update;
    if to_regclass('cpf.' || part || '_hnsw') is not null then return false; end if;
    build := format('create index %I on cpf.%I using hnsw ((embedding::halfvec(%s)) halfvec_ip_ops)', part || '_hnsw', part, dim);
    perform set_config('maintenance_work_mem', least(cpf.embedding_index_megabytes(head), max_megabytes) || 'MB', true);
    begin
        execute build;
    exception when disk_full then
        -- Several processes build it in shared memory, of which a container has little. One process builds it in its own.
        perform set_config('max_parallel_maintenance_workers', '0', true);
        execute build;
    end;
    return true;
end $$;
comment on function cpf.create_embedding_index(bigint, integer) is 'Builds the HNSW index of a head''s embeddings (writers of that head wait meanwhile), in as much memory as it needs up to so many MiB; false when it exists.';

revoke execute on function cpf.embedding_index_megabytes(bigint), cpf.create_embedding_index(bigint, integer) from public;
grant execute on function cpf.embedding_index_megabytes(bigint), cpf.create_embedding_index(bigint, integer) to cpf_service;
