-- Feeds by URL, feeds on a schedule, and what tells that a feed, or a row of one, says nothing new.
alter table cpf.feeds
    alter column path drop not null,
    drop constraint feeds_format_check,
    add column url              text,
    add column refetch          boolean not null default false,
    add column schedule         text,
    add column charset          text,
    add column etag             text,
    add column last_modified    text,
    add column sha256           bytea check (octet_length(sha256) = 32),
    add column bytes_total      bigint,
    add column bytes_read       bigint  not null default 0,
    add column bytes_downloaded bigint,
    add column attempts         integer not null default 0,
    add column next_attempt_at  timestamptz,
    add column quiet_since      timestamptz,
    add column live_after       bigint,
    add column unchanged_since  bigint references cpf.feeds (feed_id) on delete set null,
    add constraint feeds_origin check (num_nonnulls(path, url) = 1),
    add constraint feeds_format check (
        format in ('folder', 'image', 'csv', 'ndjson', 'merchant_tsv', 'merchant_xml') or (format = 'auto' and url is not null));
create index feeds_source on cpf.feeds (source, feed_id desc);
comment on column cpf.feeds.path             is 'Folder or file on Ingest''s machine; null when it has a URL.';
comment on column cpf.feeds.url              is 'Where it is downloaded from; null when it has a path.';
comment on column cpf.feeds.format           is 'How it is read; auto until its download has told.';
comment on column cpf.feeds.refetch          is 'Whether everything is read and fetched again, changed or not.';
comment on column cpf.feeds.schedule         is 'Name of the schedule that handed it in, or null.';
comment on column cpf.feeds.charset          is 'Charset that the server announced.';
comment on column cpf.feeds.etag             is 'ETag that came with it, for the next request.';
comment on column cpf.feeds.last_modified    is 'Last-Modified that came with it, for the next request.';
comment on column cpf.feeds.sha256           is 'SHA-256 of the file, as it is stored or was downloaded.';
comment on column cpf.feeds.bytes_total      is 'Bytes of the file; null for a folder, and while unknown.';
comment on column cpf.feeds.bytes_read       is 'Bytes of the file up to the last applied row.';
comment on column cpf.feeds.bytes_downloaded is 'Bytes of a URL''s body that have come so far.';
comment on column cpf.feeds.attempts         is 'Failed attempts to download it so far.';
comment on column cpf.feeds.next_attempt_at  is 'When a failed download is tried again.';
comment on column cpf.feeds.quiet_since      is 'No transaction that began before this time was still open when the feed was begun.';
comment on column cpf.feeds.live_after       is 'Live images of the source at its end, when nothing of it was refused; null otherwise.';
comment on column cpf.feeds.unchanged_since  is 'The former feed whose content it repeats, so that nothing was read; null otherwise.';

-- Most updates change no indexed column: room in a page keeps them out of the indexes.
alter table cpf.images
    set (fillfactor = 85),
    add column feed_id    bigint,
    add column fetched_at timestamptz;
comment on column cpf.images.feed_id    is 'The feed that wrote the row last, or null when another route did.';
comment on column cpf.images.fetched_at is 'When the bytes of its content were fetched last.';

create table cpf.feed_schedules (
    name              text        primary key,
    cron              text        not null,
    time_zone         text        not null,
    enabled           boolean     not null,
    source            text        not null,
    path              text,
    url               text,
    format            text        not null,
    keys_path         text,
    snapshot          boolean     not null,
    max_retract_share double precision,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    next_run_at       timestamptz,
    last_run_at       timestamptz,
    last_feed_id      bigint      references cpf.feeds (feed_id) on delete set null,
    check (num_nonnulls(path, url) = 1),
    check (enabled = (next_run_at is not null))
);
create index feed_schedules_due on cpf.feed_schedules (next_run_at) where enabled;
comment on table  cpf.feed_schedules is 'Feeds that are handed in again and again.';
comment on column cpf.feed_schedules.name              is 'Handle.';
comment on column cpf.feed_schedules.cron              is 'When: minute, hour, day, month, weekday.';
comment on column cpf.feed_schedules.time_zone         is 'Time zone (IANA) of the cron expression.';
comment on column cpf.feed_schedules.enabled           is 'Whether it runs.';
comment on column cpf.feed_schedules.source            is 'The source of its feeds.';
comment on column cpf.feed_schedules.path              is 'Folder or file on Ingest''s machine, or null.';
comment on column cpf.feed_schedules.url               is 'Where its feeds are downloaded from, or null.';
comment on column cpf.feed_schedules.format            is 'How its feeds are read.';
comment on column cpf.feed_schedules.keys_path         is 'labels.csv with product keys, for a folder.';
comment on column cpf.feed_schedules.snapshot          is 'Whether its feeds retract images that they do not list.';
comment on column cpf.feed_schedules.max_retract_share is 'Maximum share of the source''s live images that a feed may retract; null for the configured one.';
comment on column cpf.feed_schedules.created_at        is 'When it was made.';
comment on column cpf.feed_schedules.updated_at        is 'When it was put last.';
comment on column cpf.feed_schedules.next_run_at       is 'When it runs next; null while it is not enabled.';
comment on column cpf.feed_schedules.last_run_at       is 'When it handed in a feed last.';
comment on column cpf.feed_schedules.last_feed_id      is 'The feed that it handed in last.';
grant select, insert, update, delete on cpf.feed_schedules to cpf_service;

-- What comes after the question mark of a URL is often a password.
create view cpf.feed_history as
select f.feed_id, f.source, coalesce(f.path, split_part(f.url, '?', 1)) as origin, f.format, f.snapshot, f.schedule, f.state, f.message,
       f.findings, f.rows_total, f.rows_read, f.unchanged, f.stored, f.rejected, f.retracted, f.unchanged_since, f.bytes_total,
       f.submitted_at, f.started_at, f.finished_at
from cpf.feeds f;
comment on view   cpf.feed_history is 'The feeds that were handed in, and what became of them.';
comment on column cpf.feed_history.feed_id         is 'Handle.';
comment on column cpf.feed_history.source          is 'The source its images belong to.';
comment on column cpf.feed_history.origin          is 'Folder, file, or URL without its query.';
comment on column cpf.feed_history.format          is 'How it is read.';
comment on column cpf.feed_history.snapshot        is 'Whether images that it does not list are retracted.';
comment on column cpf.feed_history.schedule        is 'Name of the schedule that handed it in, or null.';
comment on column cpf.feed_history.state           is 'queued, running, finished, refused, failed, cancelled.';
comment on column cpf.feed_history.message         is 'Why it was refused or failed, or since when it is unchanged.';
comment on column cpf.feed_history.findings        is 'What it holds that is no row, in sentences.';
comment on column cpf.feed_history.rows_total      is 'Rows, when known.';
comment on column cpf.feed_history.rows_read       is 'Rows applied.';
comment on column cpf.feed_history.unchanged       is 'Rows that changed nothing.';
comment on column cpf.feed_history.stored          is 'Rows whose image was stored anew or changed.';
comment on column cpf.feed_history.rejected        is 'Rows rejected.';
comment on column cpf.feed_history.retracted       is 'Images retracted by the snapshot.';
comment on column cpf.feed_history.unchanged_since is 'The former feed whose content it repeats, so that nothing was read; null otherwise.';
comment on column cpf.feed_history.bytes_total     is 'Bytes of the file, when known.';
comment on column cpf.feed_history.submitted_at    is 'When it was handed in.';
comment on column cpf.feed_history.started_at      is 'When reading began.';
comment on column cpf.feed_history.finished_at     is 'When it ended.';

create view cpf.feed_schedule_status as
select s.name, s.cron, s.time_zone, s.enabled, s.source, coalesce(s.path, split_part(s.url, '?', 1)) as origin, s.snapshot, s.next_run_at,
       s.last_run_at, s.last_feed_id, f.state as last_state, f.message as last_message
from cpf.feed_schedules s
left join cpf.feeds f on f.feed_id = s.last_feed_id;
comment on view   cpf.feed_schedule_status is 'Recurring feeds: when they run, and how the last run ended.';
comment on column cpf.feed_schedule_status.name         is 'Handle.';
comment on column cpf.feed_schedule_status.cron         is 'When: minute, hour, day, month, weekday.';
comment on column cpf.feed_schedule_status.time_zone    is 'Time zone (IANA) of the cron expression.';
comment on column cpf.feed_schedule_status.enabled      is 'Whether it runs.';
comment on column cpf.feed_schedule_status.source       is 'The source of its feeds.';
comment on column cpf.feed_schedule_status.origin       is 'Folder, file, or URL without its query.';
comment on column cpf.feed_schedule_status.snapshot     is 'Whether its feeds retract images that they do not list.';
comment on column cpf.feed_schedule_status.next_run_at  is 'When it runs next; null while it is not enabled.';
comment on column cpf.feed_schedule_status.last_run_at  is 'When it handed in a feed last.';
comment on column cpf.feed_schedule_status.last_feed_id is 'The feed that it handed in last.';
comment on column cpf.feed_schedule_status.last_state   is 'State of that feed.';
comment on column cpf.feed_schedule_status.last_message is 'Why that feed was refused or failed, or since when it is unchanged.';
grant select on cpf.feed_history, cpf.feed_schedule_status to cpf_service, cpf_reader;
