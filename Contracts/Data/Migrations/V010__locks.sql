-- Locks that only the services can take. Anybody who may connect can take an advisory lock, and so could stop who waits for it. These
-- tables are never filled: a transaction locks the table itself. Nobody but the services has a right to that.
create table cpf.lock_groups ();
create table cpf.lock_models ();
create table cpf.lock_matches ();
comment on table cpf.lock_groups  is 'Empty. The transaction that locks it is the only one that writes groups.';
comment on table cpf.lock_models  is 'Empty. The transaction that locks it is the only one that registers models or changes their states.';
comment on table cpf.lock_matches is 'Empty. Who adds matches shares its lock; who erases contents keeps them out.';

create table cpf.kept_locks (
    name           text        primary key,
    holder_pid     integer,
    holder_role    oid,
    holder_started timestamptz,
    taken_at       timestamptz
);
comment on table  cpf.kept_locks is 'Locks kept for longer than a transaction. One is held as long as its holder''s database session lives and has not given it back.';
comment on column cpf.kept_locks.name           is 'What is locked.';
comment on column cpf.kept_locks.holder_pid     is 'Process id of the session that took it last; null when it was given back.';
comment on column cpf.kept_locks.holder_role    is 'Login role of that session.';
comment on column cpf.kept_locks.holder_started is 'When that session began: a process id is used again.';
comment on column cpf.kept_locks.taken_at       is 'When it was taken.';

grant select, update on cpf.lock_groups, cpf.lock_models, cpf.lock_matches to cpf_service;
grant select, insert, update on cpf.kept_locks to cpf_service;

-- Who makes a partition or its index holds the row of its backbone or head.
create or replace function cpf.create_feature_partition(backbone bigint) returns void
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
declare part text := 'features_b' || backbone; dim integer;
begin
    select feature_dim into strict dim from cpf.backbones where backbone_id = backbone for no key update;
    if to_regclass('cpf.' || part) is not null then return; end if;
    execute format('create table cpf.%I (like cpf.features including defaults including constraints,
                    check (backbone_id = %s), check (vector_dims(feature) = %s))', part, backbone, dim);
    execute format('alter table cpf.%I alter column feature set storage external', part);
    execute format('alter table cpf.features attach partition cpf.%I for values in (%s)', part, backbone);
end $$;

create or replace function cpf.create_embedding_partition(head bigint) returns void
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
declare part text := 'embeddings_h' || head; dim integer;
begin
    select embedding_dim into strict dim from cpf.heads where head_id = head for no key update;
    if to_regclass('cpf.' || part) is not null then return; end if;
    execute format('create table cpf.%I (like cpf.embeddings including defaults including constraints,
                    check (head_id = %s), check (vector_dims(embedding) = %s))', part, head, dim);
    execute format('alter table cpf.%I alter column embedding set storage main', part);
    execute format('alter table cpf.embeddings attach partition cpf.%I for values in (%s)', part, head);
end $$;

create or replace function cpf.create_embedding_index(head bigint) returns boolean
language plpgsql security definer set search_path = cpf, public, pg_temp set maintenance_work_mem = '512MB' as $$
declare part text := 'embeddings_h' || head; dim integer;
begin
    select embedding_dim into strict dim from cpf.heads where head_id = head for no key update;
    if to_regclass('cpf.' || part || '_hnsw') is not null then return false; end if;
    execute format('create index %I on cpf.%I using hnsw ((embedding::halfvec(%s)) halfvec_ip_ops)', part || '_hnsw', part, dim);
    return true;
end $$;
