-- Section: verdicts -----------------------------------------------------------------------------------------------------------
create view cpf.match_verdicts as
select a.source as source_a, a.external_id as external_id_a, b.source as source_b, b.external_id as external_id_b,
       v.verdict, v.who, v.at, v.note, v.content_a, v.content_b
from cpf.verdicts v
left join cpf.images a on a.content_id = v.content_a and a.state = 'stored'
left join cpf.images b on b.content_id = v.content_b and b.state = 'stored';
comment on view   cpf.match_verdicts is 'People''s verdicts on two pictures, a row for every two live images that show them; names are null when no live image does.';
comment on column cpf.match_verdicts.source_a      is 'Source of the one image.';
comment on column cpf.match_verdicts.external_id_a is 'External id of the one image.';
comment on column cpf.match_verdicts.source_b      is 'Source of the other image.';
comment on column cpf.match_verdicts.external_id_b is 'External id of the other image.';
comment on column cpf.match_verdicts.verdict       is 'same: must be in one group; different: must not.';
comment on column cpf.match_verdicts.who           is 'Who said so.';
comment on column cpf.match_verdicts.at            is 'When.';
comment on column cpf.match_verdicts.note          is 'Why.';
comment on column cpf.match_verdicts.content_a     is 'The smaller content id.';
comment on column cpf.match_verdicts.content_b     is 'The larger content id.';

-- Section: placeholders -------------------------------------------------------------------------------------------------------
create table cpf.placeholder_events (
    seq            bigint      generated always as identity primary key,
    content_id     bigint      not null,
    is_placeholder boolean     not null,
    product_keys   integer     not null,
    who            text,
    at             timestamptz not null default now()
);
create index placeholder_events_content on cpf.placeholder_events (content_id, seq);
comment on table  cpf.placeholder_events is 'When contents came to be placeholders and ceased to be, as the Matcher noticed it.';
comment on column cpf.placeholder_events.seq            is 'Order.';
comment on column cpf.placeholder_events.content_id     is 'The content.';
comment on column cpf.placeholder_events.is_placeholder is 'Whether it was one from then on.';
comment on column cpf.placeholder_events.product_keys   is 'Surely different products that showed it then.';
comment on column cpf.placeholder_events.who            is 'Who said so; null when the count did.';
comment on column cpf.placeholder_events.at             is 'When.';

create view cpf.placeholder_changes as
select e.seq, e.content_id, encode(c.sha256, 'hex') as sha256, e.is_placeholder, e.product_keys, e.who, e.at
from cpf.placeholder_events e
join cpf.contents c using (content_id);
comment on view   cpf.placeholder_changes is 'When contents came to be placeholders and ceased to be.';
comment on column cpf.placeholder_changes.seq            is 'Order.';
comment on column cpf.placeholder_changes.content_id     is 'The content.';
comment on column cpf.placeholder_changes.sha256         is 'SHA-256 of its bytes, hex.';
comment on column cpf.placeholder_changes.is_placeholder is 'Whether it was one from then on.';
comment on column cpf.placeholder_changes.product_keys   is 'Surely different products that showed it then.';
comment on column cpf.placeholder_changes.who            is 'Who said so; null when the count did.';
comment on column cpf.placeholder_changes.at             is 'When.';

-- Section: recall -------------------------------------------------------------------------------------------------------------
create view cpf.search_recall as
select r.model_id, r.started_at, r.finished_at, r.contents, r.gallery, r.pairs, r.missed_pairs, r.recall
from cpf.reconciles r;
comment on view   cpf.search_recall is 'What the online search had found of the pairs that an exact join of the same contents finds, a row a reconcile. What was missed is repaired by then.';
comment on column cpf.search_recall.model_id     is 'The model.';
comment on column cpf.search_recall.started_at   is 'When the exact join began.';
comment on column cpf.search_recall.finished_at  is 'When its repairs were committed.';
comment on column cpf.search_recall.contents     is 'Contents joined: those since the reconcile before.';
comment on column cpf.search_recall.gallery      is 'Contents they were joined against.';
comment on column cpf.search_recall.pairs        is 'Pairs at or above the threshold.';
comment on column cpf.search_recall.missed_pairs is 'Of these, pairs whose contents the search had left in different components.';
comment on column cpf.search_recall.recall       is '1 - missed_pairs / pairs; 1 when there was no pair.';

-- Section: vector index -------------------------------------------------------------------------------------------------------
-- A graph that outgrows this is built many times slower; 500,000 contents of 256 values need about this much.
alter function cpf.create_embedding_index(bigint) set maintenance_work_mem to '512MB';

-- Section: rights -------------------------------------------------------------------------------------------------------------
grant select, insert, update, delete on cpf.placeholder_events to cpf_service;
grant usage, select on sequence cpf.placeholder_events_seq_seq to cpf_service;
grant select on cpf.match_verdicts, cpf.placeholder_changes, cpf.search_recall to cpf_service, cpf_reader;
