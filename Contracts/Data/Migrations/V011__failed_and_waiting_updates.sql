-- A live image stays live until its update has been fetched and decoded. What failed and what waits is told beside it.
alter table cpf.images
    add column applied_revision bigint,
    add column failed_revision  bigint,
    add column failed_reason    text,
    add column failed_detail    text,
    add column failed_at        timestamptz,
    add check ((failed_reason is null) = (failed_at is null)),
    add check (failed_reason is null or state in ('stored', 'retracted'));
update cpf.images set applied_revision = revision where state in ('stored', 'retracted');
alter table cpf.images add check ((state in ('stored', 'retracted')) <= (applied_revision = revision));
comment on column cpf.images.applied_revision is 'Highest revision that was stored or retracted, null before the first; older ones never come back, also when it was rejected later.';
comment on column cpf.images.failed_revision  is 'Revision of a newer update that failed while the older content stays live; null when none failed or its revision could not be read.';
comment on column cpf.images.failed_reason    is 'Reason code of the update that failed, null when none did; the next good update clears it.';
comment on column cpf.images.failed_detail    is 'What was wrong with the update that failed, for a person.';
comment on column cpf.images.failed_at        is 'When the update failed.';
comment on column cpf.images.revision         is 'The producer''s revision; an older one never overwrites a newer one. -9223372036854775808 when a rejected image''s revision could not be read.';

create table cpf.image_updates (
    image_id     uuid        primary key references cpf.images (image_id) on delete cascade,
    content_id   bigint      not null references cpf.contents (content_id) on delete cascade,
    uri          text        not null,
    product_key  text,
    key_scope    text        not null check (key_scope in ('global', 'source')),
    revision     bigint      not null,
    submitted_at timestamptz not null default now()
);
create index image_updates_content on cpf.image_updates (content_id);
comment on table  cpf.image_updates is 'Updates of live images that were fetched but not decoded yet. The image shows its older content until the Embedder has embedded the new one.';
comment on column cpf.image_updates.image_id     is 'The image.';
comment on column cpf.image_updates.content_id   is 'The content it will show.';
comment on column cpf.image_updates.uri          is 'Where the bytes were fetched from.';
comment on column cpf.image_updates.product_key  is 'The product key of the update.';
comment on column cpf.image_updates.key_scope    is 'global or source.';
comment on column cpf.image_updates.revision     is 'The producer''s revision of the update.';
comment on column cpf.image_updates.submitted_at is 'When it was fetched.';
grant select, insert, update, delete on cpf.image_updates to cpf_service;

create or replace view cpf.image_status as
select i.image_id, i.source, i.external_id, i.state,
       case when i.state <> 'stored'                 then i.state
            when g.pending                           then 'pending'
            when g.content_id is not null            then 'matched'
            when cpf.is_placeholder(i.content_id)    then 'placeholder'
            when e.content_id is not null            then 'embedded'
            else 'stored' end as status,
       i.reject_reason, i.reject_detail, i.product_key, i.key_scope, i.content_id, g.group_id, coalesce(g.reconciled, false) as reconciled,
       nullif(i.revision, -9223372036854775808) as revision, i.submitted_at, i.updated_at,
       i.failed_revision, i.failed_reason, i.failed_detail, i.failed_at, u.image_id is not null as update_waits
from cpf.images i
left join (select model_id, head_id from cpf.models where state = 'active') m on true
left join cpf.group_members g on g.model_id = m.model_id and g.content_id = i.content_id and i.state = 'stored'
left join cpf.embeddings    e on e.head_id = m.head_id and e.content_id = i.content_id
left join cpf.image_updates u on u.image_id = i.image_id;
comment on column cpf.image_status.revision        is 'The producer''s revision; null when a rejected image''s revision could not be read.';
comment on column cpf.image_status.failed_revision is 'Revision of a newer update that failed while the older content stays live; null when it could not be read.';
comment on column cpf.image_status.failed_reason   is 'Reason code of the update that failed, null when none did; the next good update clears it.';
comment on column cpf.image_status.failed_detail   is 'What was wrong with the update that failed, for a person.';
comment on column cpf.image_status.failed_at       is 'When the update failed.';
comment on column cpf.image_status.update_waits    is 'Whether a newer content was fetched and waits to be decoded; until then the image shows the older one.';
