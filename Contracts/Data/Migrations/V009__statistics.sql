-- The planner's statistics come by themselves, but minutes after a table was filled at once; until then it takes a new model's groups or embeddings for a row or
-- two and loops over them. Only the owner may gather statistics, so that these do it for the services.
create function cpf.analyze_groups() returns void
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
begin
    analyze cpf.group_members;
    analyze cpf.groups;
    analyze cpf.group_merges;
end $$;
comment on function cpf.analyze_groups() is 'Gathers the planner''s statistics of the groups, after many were written at once.';

create function cpf.analyze_embeddings(head bigint) returns void
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
begin
    if to_regclass('cpf.embeddings_h' || head) is not null then
        execute format('analyze cpf.%I (head_id, content_id)', 'embeddings_h' || head);
    end if;
end $$;
comment on function cpf.analyze_embeddings(bigint) is 'Gathers the planner''s statistics of a head''s embeddings, after many were written at once.';

revoke execute on function cpf.analyze_groups(), cpf.analyze_embeddings(bigint) from public;
grant execute on function cpf.analyze_groups(), cpf.analyze_embeddings(bigint) to cpf_service;
