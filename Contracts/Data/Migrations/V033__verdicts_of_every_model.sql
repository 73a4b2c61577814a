-- A verdict marks its contents for every model that has groups, the active one too. The Matcher that takes it into the active model's groups
-- removes the marks with them. Until now the active model had none, so a verdict that was still on its way when another model took over was
-- never taken into the groups of the model before, and a step back lost it.
create or replace function cpf.mark_stale_models() returns trigger
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
declare a bigint := coalesce(new.content_a, old.content_a); b bigint := coalesce(new.content_b, old.content_b);
begin
    if tg_op = 'UPDATE' and new.verdict = old.verdict then return null; end if;
    insert into cpf.model_stale (model_id, content_id)
    select m.model_id, c.content_id
    from cpf.models m cross join (values (a), (b)) as c(content_id)
    where exists (select from cpf.group_members g where g.model_id = m.model_id);
    return null;
end $$;
comment on function cpf.mark_stale_models() is 'Trigger: a verdict changes the groups of every model; what takes it into them removes the marks.';
comment on table cpf.model_stale is 'Contents whose verdicts changed since the groups of a model were computed there: their components are computed afresh, for the active model at once, for others before they become active.';
