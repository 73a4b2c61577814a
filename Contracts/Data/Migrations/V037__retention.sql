-- History grows with time, not with the catalogue. The Trainer takes out of it what another change replaced long ago; what is the case now never depends on that.
create table cpf.history_marks (
    one               boolean     primary key default true check (one),
    kept_from         timestamptz,
    events_removed    bigint      not null default 0,
    events_seen       bigint      not null default 0,
    placeholders_seen bigint      not null default 0,
    contents_seen     timestamptz not null default '-infinity'
);
insert into cpf.history_marks default values;
comment on table  cpf.history_marks is 'How far back history reaches, and how far it has been looked through; one row.';
comment on column cpf.history_marks.one               is 'There is one row.';
comment on column cpf.history_marks.kept_from         is 'From here on history is whole; null: from the beginning.';
comment on column cpf.history_marks.events_removed    is 'Highest position of a group event that was removed; 0: none was.';
comment on column cpf.history_marks.events_seen       is 'Group events up to here have taken effect on those before them.';
comment on column cpf.history_marks.placeholders_seen is 'The same of the changes of placeholders.';
comment on column cpf.history_marks.contents_seen     is 'The same of what images showed before, by its time.';

create index image_contents_until on cpf.image_contents (until);
comment on index cpf.image_contents_until is 'From one change of a picture to the next, the oldest first.';

create view cpf.history_start as select kept_from, events_removed as changes_after, events_removed::text as changes_after_text from cpf.history_marks;
comment on view   cpf.history_start is 'How far back history reaches: cpf.group_at, cpf.group_history, cpf.group_changes and cpf.placeholder_changes. One row.';
comment on column cpf.history_start.kept_from          is 'From here on history is whole; null: from the beginning. Of what was before, only what still held then is kept.';
comment on column cpf.history_start.changes_after      is 'Who follows cpf.group_changes and has read up to a lower seq, other than 0, begins again at 0. From there on every content''s last change comes, and what does not come is in no group.';
comment on column cpf.history_start.changes_after_text is 'changes_after as text, for programs that lose digits of large numbers.';

create or replace function cpf.group_history(image uuid)
returns table (from_at timestamptz, to_at timestamptz, model_id bigint, content_id bigint, group_id bigint)
language plpgsql stable security definer rows 10 set search_path = cpf, public, pg_temp as $$
#variable_conflict use_column
declare kept timestamptz := coalesce((select m.kept_from from cpf.history_marks m), '-infinity');
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
    ), whole as (
        select tstzrange(greatest(s.since, a.since, g.since), least(s.until, a.until, g.until)) as at, a.model_id, g.content_id, g.group_id
        from shown s
        join grouped g on g.content_id = s.content_id
        join active  a on a.epoch = g.epoch
        where g.group_id is not null and greatest(s.since, a.since, g.since) < least(s.until, a.until, g.until)
    )
    -- While its source showed the content as a placeholder, the image was in no group, though the content was.
    select lower(r.at), nullif(upper(r.at), 'infinity'), w.model_id, w.content_id, w.group_id
    from whole w
    cross join lateral unnest(tstzmultirange(w.at) - coalesce(
        (select range_agg(tstzrange(p.since, coalesce(p.until, 'infinity')))
         from cpf.source_placeholders p join cpf.images i on i.image_id = image and p.source = i.source
         where p.content_id = w.content_id), '{}'::tstzmultirange)) as r(at)
    -- What ended before is not wholly there any more. What reaches beyond is: its first moment is kept.
    where upper(r.at) > kept
    order by 1;
end $$;
comment on function cpf.group_history(uuid) is
'The groups an image was in. Columns: from_at (inclusive), to_at (exclusive; null: still): from when to when; model_id: the model active then; content_id: the content '
'it showed then; group_id: the group, by its handle of then. Another model begins another row, also when the group stays. No row covers a time at which the image was in none: not there, '
'not fetched, rejected, retracted, a placeholder, or not matched yet under that model. What ended before cpf.history_start.kept_from is left out. Events of deleted models and erased '
'contents are gone, and changes of content before migration 5 were not kept. An unknown image is an error.';
alter function cpf.group_history(uuid) set work_mem = '64MB';

create or replace function cpf.group_at(image uuid, at timestamptz) returns bigint
language plpgsql stable security definer set search_path = cpf, public, pg_temp as $$
declare found_group bigint; kept timestamptz := (select m.kept_from from cpf.history_marks m);
begin
    if at is null then raise exception 'at is null: give a time' using errcode = 'null_value_not_allowed'; end if;
    select h.group_id into found_group from cpf.group_history(image) h where h.from_at <= group_at.at and (h.to_at is null or group_at.at < h.to_at);
    if found_group is null and at < kept and exists (select from cpf.images i where i.image_id = image and i.submitted_at <= group_at.at) then
        raise exception 'the group at % is not known any more: history is kept from % on', at, kept
            using errcode = 'invalid_parameter_value', hint = 'See cpf.history_start. The Trainer''s setting Retention:HistoryDays says how long history is kept.';
    end if;
    return found_group;
end $$;
comment on function cpf.group_at(uuid, timestamptz) is
'The id of the match group that an image was in at a time: of the content it showed then, under the model active then, by the handle of then. Null when it was in none '
'(not there yet, not matched yet, rejected, retracted, a placeholder). A time to come means now. An unknown image is an error, and so is a time before cpf.history_start.kept_from '
'whose group did not last until then. See cpf.group_history.';
alter function cpf.group_at(uuid, timestamptz) set work_mem = '64MB';

comment on view cpf.group_changes is
'Every change of a content''s group, one line over all models: read it by rising seq to follow the groups. When another model takes over, there is an event for every content whose group is another one. '
'Changes that another one replaced before cpf.history_start.kept_from are gone; read from 0 it still gives the groups of now.';
comment on view cpf.placeholder_changes is
'When contents came to be placeholders and ceased to be. Changes that another one replaced before cpf.history_start.kept_from are gone.';
comment on view cpf.model_changes is
'The contents whose companions differ between a model and the one it was to replace, as compared before the change of models. They are kept for the active model, and for others as long as the '
'Trainer''s setting Retention:ModelChangeDays says.';
comment on view cpf.search_recall is
'What the online search had found of the pairs that an exact join of the same contents finds, a row a reconcile. What was missed is repaired by then. Rows are kept as long as the Trainer''s setting Retention:ReconcileDays says, and the last one of each model.';

grant select, update on cpf.history_marks to cpf_service;
grant select on cpf.history_start to cpf_service, cpf_reader;
