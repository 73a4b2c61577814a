-- Section: runs of the Trainer ------------------------------------------------------------------------------------------------
create table cpf.training_runs (
    run_id           uuid        primary key,
    kind             text        not null check (kind in ('training', 'threshold', 'activation')),
    trigger          text        not null check (trigger in ('schedule', 'http', 'bus', 'cli', 'start')),
    idempotency_key  text        unique,
    request          jsonb       not null default '{}',
    state            text        not null default 'queued'
                                 check (state in ('queued', 'running', 'finished', 'refused', 'too_little_data', 'failed', 'cancelled')),
    step             text        not null default 'queued'
                                 check (step in ('queued', 'building_set', 'training', 'calibrating', 'evaluating', 'gate', 'shadow_embed', 'index', 'join',
                                                 'diff', 'activate')),
    progress         real        not null default 0 check (progress between 0 and 1),
    message          text,
    cancel_requested boolean     not null default false,
    base_model_id    bigint      references cpf.models (model_id),
    model_id         bigint      references cpf.models (model_id),
    snapshot_id      text,
    data             jsonb,
    report           jsonb,
    report_html      text,
    created_at       timestamptz not null default now(),
    started_at       timestamptz,
    updated_at       timestamptz not null default now(),
    finished_at      timestamptz
);
create unique index training_runs_one on cpf.training_runs ((true)) where state in ('queued', 'running');
create index training_runs_model on cpf.training_runs (model_id);
comment on table  cpf.training_runs is 'Runs of the Trainer: nights, new thresholds, activations of a model that is there. One at a time.';
comment on column cpf.training_runs.run_id           is 'Handle.';
comment on column cpf.training_runs.kind             is 'training: a new head; threshold: another threshold on the active head; activation: an existing model (a rollback, too).';
comment on column cpf.training_runs.trigger          is 'Who asked: schedule, http, bus, cli, start.';
comment on column cpf.training_runs.idempotency_key  is 'Given by who asked: asking again with it gives this run.';
comment on column cpf.training_runs.request          is 'What was asked for.';
comment on column cpf.training_runs.state            is 'queued, running, finished (its model is active), refused (by the gate or the limit on churn), too_little_data, failed, cancelled.';
comment on column cpf.training_runs.step             is 'The step it is at, or ended at.';
comment on column cpf.training_runs.progress         is 'Share of the step, 0 to 1.';
comment on column cpf.training_runs.message          is 'What is being done or how it ended, for a person.';
comment on column cpf.training_runs.cancel_requested is 'Somebody asked for its end.';
comment on column cpf.training_runs.base_model_id    is 'The active model when it began.';
comment on column cpf.training_runs.model_id         is 'The model it made or activates.';
comment on column cpf.training_runs.snapshot_id      is 'SHA-256 over the training set: equal ids, equal sets.';
comment on column cpf.training_runs.data             is 'Counts of the training set: contents, classes, pairs, and what was left out and why.';
comment on column cpf.training_runs.report           is 'What was measured; also of a refused candidate.';
comment on column cpf.training_runs.report_html      is 'The same as a page.';
comment on column cpf.training_runs.created_at       is 'When it was asked for.';
comment on column cpf.training_runs.started_at       is 'When it began.';
comment on column cpf.training_runs.updated_at       is 'Last sign of life.';
comment on column cpf.training_runs.finished_at      is 'When it ended.';

create table cpf.training_steps (
    run_id      uuid        not null references cpf.training_runs (run_id) on delete cascade,
    step        text        not null,
    started_at  timestamptz not null,
    finished_at timestamptz,
    primary key (run_id, step)
);
comment on table  cpf.training_steps is 'The steps of runs: a run resumes at the first that is not finished.';
comment on column cpf.training_steps.run_id      is 'The run.';
comment on column cpf.training_steps.step        is 'The step.';
comment on column cpf.training_steps.started_at  is 'When it first began.';
comment on column cpf.training_steps.finished_at is 'When it was done; null: not yet.';

-- Section: handing over -------------------------------------------------------------------------------------------------------
create table cpf.model_preparations (
    model_id   bigint      primary key references cpf.models (model_id) on delete cascade,
    wanted     text        not null check (wanted in ('groups', 'activation')),
    grouped_at timestamptz,
    progress   real        not null default 0 check (progress between 0 and 1),
    members    bigint      not null default 0,
    message    text,
    updated_at timestamptz not null default now()
);
comment on table  cpf.model_preparations is 'What the Trainer asks of the Matcher for a shadow model, and how far the Matcher is. Gone once the model is active or refused.';
comment on column cpf.model_preparations.model_id   is 'The shadow model.';
comment on column cpf.model_preparations.wanted     is 'groups: group everything under it and keep up; activation: make it the active one as soon as it has caught up.';
comment on column cpf.model_preparations.grouped_at is 'When all that was live and embedded had its group; null: not yet.';
comment on column cpf.model_preparations.progress   is 'Share of the grouping, 0 to 1.';
comment on column cpf.model_preparations.members    is 'Contents grouped so far.';
comment on column cpf.model_preparations.message    is 'What the Matcher is doing or waits for, for a person.';
comment on column cpf.model_preparations.updated_at is 'Last change.';

create table cpf.model_stale (
    model_id   bigint not null references cpf.models (model_id) on delete cascade,
    content_id bigint not null,
    seq        bigint generated always as identity,
    primary key (model_id, content_id, seq)
);
comment on table  cpf.model_stale is 'Contents whose verdicts changed while a model was not the active one: their components are computed afresh before it becomes so.';
comment on column cpf.model_stale.model_id   is 'The model.';
comment on column cpf.model_stale.content_id is 'The content.';
comment on column cpf.model_stale.seq        is 'So that what is marked again while it is computed is computed again.';

create function cpf.mark_stale_models() returns trigger
language plpgsql security definer set search_path = cpf, public, pg_temp as $$
declare a bigint := coalesce(new.content_a, old.content_a); b bigint := coalesce(new.content_b, old.content_b);
begin
    if tg_op = 'UPDATE' and new.verdict = old.verdict then return null; end if;
    insert into cpf.model_stale (model_id, content_id)
    select m.model_id, c.content_id
    from cpf.models m cross join (values (a), (b)) as c(content_id)
    where m.state <> 'active' and exists (select from cpf.group_members g where g.model_id = m.model_id);
    return null;
end $$;
comment on function cpf.mark_stale_models() is 'Trigger: a verdict changes the groups of every model; the Matcher keeps the active one''s.';
create trigger verdicts_mark_stale after insert or update or delete on cpf.verdicts for each row execute function cpf.mark_stale_models();

create table cpf.model_diffs (
    model_id      bigint      primary key references cpf.models (model_id) on delete cascade,
    from_model_id bigint      not null references cpf.models (model_id) on delete cascade,
    contents      bigint      not null,
    unchanged     bigint      not null,
    merged        bigint      not null,
    split         bigint      not null,
    moved         bigint      not null,
    groups_before bigint      not null,
    groups_after  bigint      not null,
    churn         double precision not null,
    at            timestamptz not null default now()
);
comment on table  cpf.model_diffs is 'How a model''s groups differ from those of the model it is to replace, in contents.';
comment on column cpf.model_diffs.model_id      is 'The new model.';
comment on column cpf.model_diffs.from_model_id is 'The model that was active.';
comment on column cpf.model_diffs.contents      is 'Contents compared: members of both.';
comment on column cpf.model_diffs.unchanged     is 'Contents with the same companions in both.';
comment on column cpf.model_diffs.merged        is 'Contents that keep all companions and gain some.';
comment on column cpf.model_diffs.split         is 'Contents that lose companions and gain none.';
comment on column cpf.model_diffs.moved         is 'Contents that lose some companions and gain others.';
comment on column cpf.model_diffs.groups_before is 'Groups of two contents or more before.';
comment on column cpf.model_diffs.groups_after  is 'Groups of two contents or more after.';
comment on column cpf.model_diffs.churn         is '1 - unchanged / contents that are in a group of two or more before or after; 0 when there are none.';
comment on column cpf.model_diffs.at            is 'When they were compared.';

create table cpf.model_diff_contents (
    model_id        bigint not null references cpf.models (model_id) on delete cascade,
    content_id      bigint not null,
    kind            text   not null check (kind in ('merged', 'split', 'moved')),
    group_id_before bigint not null,
    group_id_after  bigint not null,
    primary key (model_id, content_id)
);
comment on table  cpf.model_diff_contents is 'The contents whose companions differ under a new model.';
comment on column cpf.model_diff_contents.model_id        is 'The new model.';
comment on column cpf.model_diff_contents.content_id      is 'The content.';
comment on column cpf.model_diff_contents.kind            is 'merged, split or moved; see model_diffs.';
comment on column cpf.model_diff_contents.group_id_before is 'Its group under the model that was active.';
comment on column cpf.model_diff_contents.group_id_after  is 'Its group under the new model.';

-- Hangfire makes and upgrades its own tables in a schema of its own. The schema's owner need not be a member of the services' role, so that it stays the owner.
create schema hangfire;
grant usage, create on schema hangfire to cpf_service;
comment on schema hangfire is 'Job storage of the Trainer (Hangfire). Holds no data of ours.';

-- Section: rights -------------------------------------------------------------------------------------------------------------
grant select, insert, update, delete on cpf.training_runs, cpf.training_steps, cpf.model_preparations, cpf.model_stale, cpf.model_diffs,
    cpf.model_diff_contents to cpf_service;
revoke execute on function cpf.mark_stale_models() from public;
