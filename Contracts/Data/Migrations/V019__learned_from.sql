-- Nights learn from product keys or, where too few are known, from edited copies of the catalogue's own pictures: the history tells which.
create or replace view cpf.model_history as
select m.model_id, m.state, m.threshold, m.head_id, h.backbone_id, h.embedding_dim, b.feature_dim, m.parent_model_id,
       m.created_at, m.activated_at, m.retired_at, m.report,
       case when m.is_imported then 'imported' else coalesce(r.kind, 'initial') end as kind,
       case when jsonb_typeof(m.report -> 'f1') = 'number' then (m.report ->> 'f1')::double precision end as f1,
       case when jsonb_typeof(m.report -> 'f1_interval' -> 0) = 'number' then (m.report -> 'f1_interval' ->> 0)::double precision end as f1_low,
       case when jsonb_typeof(m.report -> 'f1_interval' -> 1) = 'number' then (m.report -> 'f1_interval' ->> 1)::double precision end as f1_high,
       case when jsonb_typeof(m.report -> 'opis') = 'number' then (m.report ->> 'opis')::double precision end as opis,
       case when jsonb_typeof(r.data #> '{splits,train,contents}') = 'number' then (r.data #>> '{splits,train,contents}')::bigint end as train_contents,
       case when jsonb_typeof(r.data #> '{splits,train,classes}')  = 'number' then (r.data #>> '{splits,train,classes}')::bigint end as train_classes,
       extract(epoch from r.finished_at - r.started_at)::double precision as duration_seconds,
       case when r.state = 'refused' then r.message end as reason,
       case when m.is_imported or r.kind is null then null else coalesce(r.data ->> 'learned_from', 'keys') end as learned_from
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
comment on column cpf.model_history.learned_from is
    'What its run learned from: keys (product keys and verdicts) or copies (edited copies of the catalogue''s own pictures, where too few keys are known); null: not by a run.';
