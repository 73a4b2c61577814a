-- A row of a feed that says nothing new raises its image's revision and nothing else. No index holds the time of the last change any
-- more, so that such an update need not touch the indexes.
drop index cpf.images_received;
create index images_received on cpf.images (source) where state = 'received';
comment on column cpf.images.updated_at is 'Last change that was applied; a feed that repeats what the row says raises its revision only.';
comment on column cpf.feeds.sha256      is 'SHA-256 of the file, as it is stored or was downloaded; of the list of files of a folder.';

-- A download may take long before it breaks: patience counts the pauses between attempts.
alter table cpf.feeds add column waited interval not null default '0';
comment on column cpf.feeds.waited is 'Time spent waiting between attempts to download it so far.';

comment on table cpf.feed_rejections is 'Rows of a feed that were rejected by Ingest: all of the newest feed of a source, the first 10,000 of former ones.';

-- A single picture is no feed any more: there is one way for it, the upload.
update cpf.feeds set state = 'failed', finished_at = now(), message = 'A single picture is no feed; send it to POST /images/upload.'
where format = 'image' and state in ('queued', 'running');
update cpf.feed_schedules set enabled = false, next_run_at = null where format = 'image';
