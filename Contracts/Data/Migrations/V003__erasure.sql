-- Section: erasure --------------------------------------------------------------------------------------------------------------
create table cpf.erasures (
    erasure_id   bigint      generated always as identity primary key,
    scope        text        not null check (scope in ('image', 'content')),
    tombstone    bytea       not null check (octet_length(tombstone) = 32),
    state        text        not null default 'unlinked' check (state in ('unlinked', 'deleted', 'finished')),
    content_id   bigint,
    requested_at timestamptz not null default now(),
    finished_at  timestamptz,
    who          text        not null,
    note         text,
    counts       jsonb       not null default '{}',
    record_hash  bytea       check (octet_length(record_hash) = 32),
    check ((state = 'finished') = (finished_at is not null)),
    check ((state = 'finished') = (record_hash is not null)),
    check (state <> 'finished' or content_id is null)
);
create index erasures_unfinished on cpf.erasures (erasure_id) where state <> 'finished';
comment on table  cpf.erasures is 'Requests to erase an image or a content, and their receipts. Holds nothing that names what was erased.';
comment on column cpf.erasures.erasure_id   is 'Handle. Where an erased content stood in cpf.group_events, -erasure_id stands.';
comment on column cpf.erasures.scope        is 'image: one listing''s picture, and its bytes where nothing else uses them; content: bytes and every image that shows them.';
comment on column cpf.erasures.tombstone    is 'Keyed hash (HMAC-SHA256) of what was erased, as in cpf.tombstones.';
comment on column cpf.erasures.state        is 'unlinked: no image refers to it any more, it may not come back; deleted: its bytes are gone; finished: everything is.';
comment on column cpf.erasures.content_id   is 'The content, until the erasure is finished.';
comment on column cpf.erasures.requested_at is 'When it was asked for.';
comment on column cpf.erasures.finished_at  is 'When the last trace was removed.';
comment on column cpf.erasures.who          is 'Who asked for it.';
comment on column cpf.erasures.note         is 'Why, for a person. What is written here stays.';
comment on column cpf.erasures.counts       is 'Rows and files removed, by kind. contents 0: other images use the bytes, or it had none.';
comment on column cpf.erasures.record_hash  is 'SHA-256 of the receipt as canonical JSON, see Ingest/README.md.';

create table cpf.tombstones (
    hash       bytea       primary key check (octet_length(hash) = 32),
    kind       text        not null check (kind in ('image', 'content')),
    erasure_id bigint      not null references cpf.erasures (erasure_id),
    created_at timestamptz not null default now()
);
comment on table  cpf.tombstones is 'What was erased and may not come back, as keyed hashes: only who has Ingest''s key can tell whether something is among them.';
comment on column cpf.tombstones.hash       is 'HMAC-SHA256 of the content''s hash, or of the image''s source and external id.';
comment on column cpf.tombstones.kind       is 'image or content.';
comment on column cpf.tombstones.erasure_id is 'The erasure that made it.';
comment on column cpf.tombstones.created_at is 'When.';

create table cpf.tombstone_key (
    only_row  boolean primary key default true check (only_row),
    key_check bytea   not null check (octet_length(key_check) = 32)
);
comment on table  cpf.tombstone_key is 'Tells Ingest whether its key is the one that the tombstones were made with. Empty before the first erasure.';
comment on column cpf.tombstone_key.only_row  is 'There is one row.';
comment on column cpf.tombstone_key.key_check is 'HMAC-SHA256 of a constant under the key; tells nothing about the key.';

create table cpf.unreferenced_contents (
    content_id bigint      primary key references cpf.contents (content_id) on delete cascade,
    since      timestamptz not null default now()
);
create index unreferenced_contents_since on cpf.unreferenced_contents (since);
comment on table  cpf.unreferenced_contents is 'Contents that no live image refers to, until they are collected or an image refers to them again.';
comment on column cpf.unreferenced_contents.content_id is 'The content.';
comment on column cpf.unreferenced_contents.since      is 'When it was found so.';

-- An erasure finds where the content lent its id to a group of others. Most events are of contents alone in their group.
create index group_events_group    on cpf.group_events (group_id)          where group_id <> content_id;
create index group_events_previous on cpf.group_events (previous_group_id) where previous_group_id <> content_id;

comment on column cpf.images.content_id               is 'The content; null unless stored (kept when retracted, until it is collected).';
comment on column cpf.feed_rejections.external_id     is 'The image, or empty when the row had none or may not be named any more.';
comment on column cpf.group_events.content_id         is 'The content; -erasure_id once it is erased.';
comment on column cpf.group_events.group_id           is 'Its group afterwards; null when it left; -erasure_id where the group was named by a content that is erased.';
comment on column cpf.group_events.previous_group_id  is 'Its group before; null when it joined; -erasure_id where the group was named by a content that is erased.';

create view cpf.erasure_receipts as
select erasure_id, scope, encode(tombstone, 'hex') as tombstone, state, requested_at, finished_at, who, note, counts,
       encode(record_hash, 'hex') as record_hash
from cpf.erasures;
comment on view   cpf.erasure_receipts is 'Receipts of erasures: that something was erased, when, at whose request, how many rows of what; not what.';
comment on column cpf.erasure_receipts.erasure_id   is 'Handle. Where an erased content stood in the history of groups, -erasure_id stands.';
comment on column cpf.erasure_receipts.scope        is 'image or content.';
comment on column cpf.erasure_receipts.tombstone    is 'Keyed hash of what was erased, hex: with Ingest''s key it can be checked whether a given picture is the one.';
comment on column cpf.erasure_receipts.state        is 'unlinked, deleted (under way), finished.';
comment on column cpf.erasure_receipts.requested_at is 'When it was asked for.';
comment on column cpf.erasure_receipts.finished_at  is 'When the last trace was removed.';
comment on column cpf.erasure_receipts.who          is 'Who asked for it.';
comment on column cpf.erasure_receipts.note         is 'Why.';
comment on column cpf.erasure_receipts.counts       is 'Rows removed, by kind.';
comment on column cpf.erasure_receipts.record_hash  is 'SHA-256 of the receipt as canonical JSON, hex: shows later whether the receipt was altered.';

-- Erasure and collection ask for images in any state; the index of V001 knows live ones only.
create index images_any_content on cpf.images (content_id) where content_id is not null;

grant select, insert, update, delete on cpf.erasures, cpf.tombstones, cpf.tombstone_key, cpf.unreferenced_contents to cpf_service;
grant select on cpf.erasure_receipts to cpf_service, cpf_reader;
