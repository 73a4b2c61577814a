-- Section: one history over models --------------------------------------------------------------------------------------------
-- A shadow that becomes active takes over: events tell only what differs, and the line of a content's events goes on. A model that was registered as the
-- active one (the first; before migration 7 any) begins with no groups: its contents join anew.
alter table cpf.model_activations add column takes_over boolean not null default false;
comment on column cpf.model_activations.takes_over is 'Whether the groups went on from those of the model before, so that events under this one tell only what differs; else contents joined anew.';

create or replace function cpf.keep_model_activation() returns trigger
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
begin
    -- Not the transaction's time: that may lie before events of the model before, which were written while this transaction waited for its lock.
    if tg_op = 'UPDATE' then
        insert into cpf.model_activations (model_id, at, takes_over) values (new.model_id, statement_timestamp(), old.state = 'shadow');
    else
        insert into cpf.model_activations (model_id, at) values (new.model_id, statement_timestamp());
    end if;
    return null;
end $$;

create or replace function cpf.group_history(image uuid)
returns table (from_at timestamptz, to_at timestamptz, model_id bigint, content_id bigint, group_id bigint)
language plpgsql stable security definer rows 10 set search_path = cpf, public, pg_temp as $$
#variable_conflict use_column
begin
    perform cpf.require_image(image, 'image');
    return query
    with shown as materialized (
        select s.content_id, coalesce(lag(s.until) over (order by s.until), i.submitted_at) as since, s.until
        from cpf.images i
        cross join lateral (
            select h.content_id, h.until from cpf.image_contents h where h.image_id = i.image_id
            union all
            select case when i.state = 'stored' then i.content_id end, 'infinity'::timestamptz) s
        where i.image_id = image
    ), active as materialized (
        -- An epoch begins with a model whose contents joined anew, and goes on over all that took over since.
        select a.model_id, a.takes_over, a.at as since, lead(a.at, 1, 'infinity') over (order by a.at, a.seq) as until,
               count(*) filter (where not a.takes_over) over (order by a.at, a.seq) as epoch
        from cpf.model_activations a
    ), events as (
        -- Positions, not times, order events: a time that lies before that of an earlier event counts as that.
        select p.epoch, e.content_id, e.group_id, e.seq, max(e.at) over (partition by p.epoch, e.content_id order by e.seq) as since
        from cpf.group_events e
        join (select distinct epoch from active) p on exists (
            select from active a where a.epoch = p.epoch and a.model_id = e.model_id and (not a.takes_over or e.at >= a.since))
        where e.content_id in (select s.content_id from shown s)
    ), grouped as (
        select e.epoch, e.content_id, e.group_id, e.since, lead(e.since, 1, 'infinity') over (partition by e.epoch, e.content_id order by e.seq) as until
        from events e
    )
    select greatest(s.since, a.since, g.since), nullif(least(s.until, a.until, g.until), 'infinity'), a.model_id, g.content_id, g.group_id
    from shown s
    join grouped g on g.content_id = s.content_id
    join active  a on a.epoch = g.epoch
    where g.group_id is not null and greatest(s.since, a.since, g.since) < least(s.until, a.until, g.until)
    order by 1;
end $$;
comment on function cpf.group_history(uuid) is
'The groups an image was in. Columns: from_at (inclusive), to_at (exclusive; null: still): from when to when; model_id: the model active then; content_id: the content '
'it showed then; group_id: the group, by its handle of then. Another model begins another row, also when the group stays. No row covers a time at which the image was in none: not there, '
'not fetched, rejected, retracted, a placeholder, or not matched yet under that model. Events of deleted models and erased contents are gone, and changes of content before migration 5 '
'were not kept. An unknown image is an error.';

comment on view   cpf.group_changes is
'Every change of a content''s group, one line over all models: read it by rising seq to follow the groups. When another model takes over, there is an event for every content whose group is another one.';
comment on column cpf.group_changes.model_id is 'The model active afterwards.';
comment on table  cpf.group_events is
'History of match groups under the active model, a row for every content whose group changed, also by another model taking over; seq in commit order.';
