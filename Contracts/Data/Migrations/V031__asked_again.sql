-- An update of a live image that failed can be asked for again: what was submitted is kept beside the failure.
alter table cpf.images
    add column failed_uri         text,
    add column failed_product_key text,
    add column failed_key_scope   text check (failed_key_scope in ('global', 'source')),
    add check (failed_uri is null or failed_reason is not null),
    add check ((failed_uri is null) = (failed_key_scope is null)),
    add check (failed_product_key is null or failed_uri is not null);
comment on column cpf.images.failed_uri         is 'Address that the update that failed named; null when none failed, or when it failed before this was kept.';
comment on column cpf.images.failed_product_key is 'Product key of the update that failed.';
comment on column cpf.images.failed_key_scope   is 'global or source, of the update that failed; null without its address.';
create index images_failed on cpf.images (failed_at, image_id) where failed_reason is not null;
comment on index cpf.images_failed is 'From one failed update to the next, the oldest first.';

-- The row of an image that is not new says nothing of a submission that only waits. Without these rows it would be in the broker alone.
create table cpf.submissions (
    submission_id bigint      generated always as identity primary key,
    image_id      uuid        not null references cpf.images (image_id) on delete cascade,
    uri           text        not null,
    product_key   text,
    key_scope     text        not null check (key_scope in ('global', 'source')),
    revision      bigint      not null,
    submitted_at  timestamptz not null default now()
);
create index submissions_image on cpf.submissions (image_id);
comment on table  cpf.submissions is 'Submissions that were accepted over HTTP for images that are live, rejected or retracted, until they are taken. A restore sends them again.';
comment on column cpf.submissions.submission_id is 'In the order of their arrival.';
comment on column cpf.submissions.image_id      is 'The image.';
comment on column cpf.submissions.uri           is 'Where its bytes are.';
comment on column cpf.submissions.product_key   is 'The product key.';
comment on column cpf.submissions.key_scope     is 'global or source.';
comment on column cpf.submissions.revision      is 'The producer''s revision.';
comment on column cpf.submissions.submitted_at  is 'When it was accepted.';
grant select, insert, delete on cpf.submissions to cpf_service;

alter table cpf.kept_locks add column note text;
comment on column cpf.kept_locks.note is 'Who took it last and for what, for a person; null where nothing was said.';
