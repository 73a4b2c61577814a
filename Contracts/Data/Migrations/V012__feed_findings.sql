-- What a feed holds that nobody would notice otherwise is told, and a snapshot that was not read wholly retracts nothing.
alter table cpf.feeds
    add column unreadable bigint not null default 0,
    add column duplicates bigint not null default 0,
    add column findings   text[] not null default '{}',
    add column max_retract_share double precision;
comment on column cpf.feeds.max_retract_share is 'Maximum share of the source''s live images that it may retract; null for the configured one.';
comment on column cpf.feeds.unreadable is 'Rejected rows that could not be read so far as to know which image they mean; with any of them a snapshot retracts nothing.';
comment on column cpf.feeds.duplicates is 'Rows that give an image another picture at the same revision.';
comment on column cpf.feeds.findings   is 'Sentences about what is no row: files left out, labels that match no file, ids listed twice; with counts and first examples.';

-- Images whose hosts did not give them yet. Parked here they hold up nothing.
create table cpf.fetches (
    fetch_id     bigint      generated always as identity primary key,
    image_id     uuid        not null,
    source       text        not null,
    external_id  text        not null,
    uri          text        not null,
    host         text        not null,
    product_key  text,
    key_scope    text        not null check (key_scope in ('global', 'source')),
    revision     bigint      not null,
    feed_id      bigint      references cpf.feeds (feed_id) on delete set null,
    row_number   bigint,
    attempts     integer     not null,
    reason       text        not null,
    detail       text,
    parked_at    timestamptz not null default now(),
    due_at       timestamptz not null,
    leased_until timestamptz,
    unique (image_id, revision)
);
create index fetches_due on cpf.fetches (due_at);
create index fetches_feed on cpf.fetches (feed_id) where feed_id is not null;
comment on table  cpf.fetches is 'Images whose hosts did not give them yet: what is tried again, when, and how often it was tried.';
comment on column cpf.fetches.fetch_id     is 'Handle.';
comment on column cpf.fetches.image_id     is 'The image.';
comment on column cpf.fetches.source       is 'The feed or seller.';
comment on column cpf.fetches.external_id  is 'The source''s own name of the image.';
comment on column cpf.fetches.uri          is 'Where the bytes are.';
comment on column cpf.fetches.host         is 'Host and port: hosts are asked in turn.';
comment on column cpf.fetches.product_key  is 'The product key of the submission.';
comment on column cpf.fetches.key_scope    is 'global or source.';
comment on column cpf.fetches.revision     is 'The revision of the submission.';
comment on column cpf.fetches.feed_id      is 'The feed that lists it and waits for its outcome, or null.';
comment on column cpf.fetches.row_number   is 'Its row in the feed.';
comment on column cpf.fetches.attempts     is 'Attempts so far.';
comment on column cpf.fetches.reason       is 'Reason code of the last attempt.';
comment on column cpf.fetches.detail       is 'What was wrong last, for a person.';
comment on column cpf.fetches.parked_at    is 'When the first attempt failed.';
comment on column cpf.fetches.due_at       is 'When it is tried next.';
comment on column cpf.fetches.leased_until is 'Until when an instance is at it.';
grant select, insert, update, delete on cpf.fetches to cpf_service;
