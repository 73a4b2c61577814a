-- Section: nights for data teams ----------------------------------------------------------------------------------------------
create or replace view cpf.model_history as
select m.model_id, m.state, m.threshold, m.head_id, h.backbone_id, h.embedding_dim, b.feature_dim, m.parent_model_id,
       m.created_at, m.activated_at, m.retired_at, m.report,
       coalesce(r.kind, 'initial') as kind,
       case when jsonb_typeof(m.report -> 'f1') = 'number' then (m.report ->> 'f1')::double precision end as f1,
       case when jsonb_typeof(m.report -> 'f1_interval' -> 0) = 'number' then (m.report -> 'f1_interval' ->> 0)::double precision end as f1_low,
       case when jsonb_typeof(m.report -> 'f1_interval' -> 1) = 'number' then (m.report -> 'f1_interval' ->> 1)::double precision end as f1_high,
       case when jsonb_typeof(m.report -> 'opis') = 'number' then (m.report ->> 'opis')::double precision end as opis,
       case when jsonb_typeof(r.data #> '{splits,train,contents}') = 'number' then (r.data #>> '{splits,train,contents}')::bigint end as train_contents,
       case when jsonb_typeof(r.data #> '{splits,train,classes}')  = 'number' then (r.data #>> '{splits,train,classes}')::bigint end as train_classes,
       extract(epoch from r.finished_at - r.started_at)::double precision as duration_seconds,
       case when r.state = 'refused' then r.message end as reason
from cpf.models m
join cpf.heads     h using (head_id)
join cpf.backbones b using (backbone_id)
left join lateral (
    select t.kind, t.data, t.started_at, t.finished_at, t.state, t.message
    from cpf.training_runs t
    where t.model_id = m.model_id and t.kind in ('training', 'threshold')
    order by t.created_at
    limit 1
) r on true;
comment on column cpf.model_history.kind             is 'How it was made: initial (at the first start, or for a new backbone), training or threshold.';
comment on column cpf.model_history.f1               is 'Pairwise F1 at its threshold on the untouched test classes; null: not measured.';
comment on column cpf.model_history.f1_low           is 'Lower end of the 95 % interval of f1, by bootstrap over classes.';
comment on column cpf.model_history.f1_high          is 'Upper end of that interval.';
comment on column cpf.model_history.opis             is 'How differently classes fare at one threshold; lower is better.';
comment on column cpf.model_history.train_contents   is 'Labelled contents of the train split it was made from; null: not by a run.';
comment on column cpf.model_history.train_classes    is 'Classes of the train split it was made from; null: not by a run.';
comment on column cpf.model_history.duration_seconds is 'Time its run took, from its beginning to its end; null: not by a run, or going on.';
comment on column cpf.model_history.reason           is 'Why it was refused; null: it was not.';

create view cpf.training_history as
select r.run_id, r.kind, r.trigger, r.state, r.step, r.message, r.base_model_id, r.model_id, r.snapshot_id, r.data, r.created_at, r.started_at, r.finished_at,
       extract(epoch from r.finished_at - r.started_at)::double precision as duration_seconds
from cpf.training_runs r;
comment on view   cpf.training_history is 'Runs of the Trainer: nights, new thresholds, activations and rollbacks, with their outcome.';
comment on column cpf.training_history.run_id           is 'The run.';
comment on column cpf.training_history.kind             is 'training: a new head; threshold: another threshold on the active head; activation: an existing model (a rollback, too).';
comment on column cpf.training_history.trigger          is 'Who asked: schedule, http, bus, cli, start.';
comment on column cpf.training_history.state            is 'queued, running, finished (its model became active), refused, too_little_data, failed, cancelled.';
comment on column cpf.training_history.step             is 'The step it is at, or ended at.';
comment on column cpf.training_history.message          is 'What is being done or how it ended.';
comment on column cpf.training_history.base_model_id    is 'The active model when it began.';
comment on column cpf.training_history.model_id         is 'The model it made or activates.';
comment on column cpf.training_history.snapshot_id      is 'SHA-256 over the training set: equal ids, equal sets.';
comment on column cpf.training_history.data             is 'Counts of the training set, and what was left out and why.';
comment on column cpf.training_history.created_at       is 'When it was asked for.';
comment on column cpf.training_history.started_at       is 'When it began.';
comment on column cpf.training_history.finished_at      is 'When it ended.';
comment on column cpf.training_history.duration_seconds is 'From its beginning to its end; null: going on.';

create view cpf.model_changes as
select c.model_id, d.from_model_id, d.at, c.content_id, c.kind, c.group_id_before, c.group_id_after, d.churn
from cpf.model_diff_contents c
join cpf.model_diffs         d using (model_id);
comment on view   cpf.model_changes is 'The contents whose companions differ between a model and the one it was to replace, as compared before the change of models.';
comment on column cpf.model_changes.model_id        is 'The new model, activated or refused.';
comment on column cpf.model_changes.from_model_id   is 'The model that was active.';
comment on column cpf.model_changes.at              is 'When they were compared.';
comment on column cpf.model_changes.content_id      is 'The content.';
comment on column cpf.model_changes.kind            is 'merged: it keeps all companions and gains some; split: it loses some and gains none; moved: both.';
comment on column cpf.model_changes.group_id_before is 'Its group under the model that was active.';
comment on column cpf.model_changes.group_id_after  is 'Its group under the new model.';
comment on column cpf.model_changes.churn           is 'Of the whole change: share of the contents in groups whose companions differ.';

-- Section: rights -------------------------------------------------------------------------------------------------------------
grant select on cpf.model_history, cpf.training_history, cpf.model_changes to cpf_service, cpf_reader;
