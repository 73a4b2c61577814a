-- The rows of what is erased go in one transaction, its bytes afterwards: a bucket that does not answer must not hold up the groups.
alter table cpf.erasures
    add column sha256 bytea check (octet_length(sha256) = 32),
    drop constraint erasures_state_check,
    add constraint erasures_state_check check (state in ('unlinked', 'deleted', 'purged', 'finished')),
    add constraint erasures_purged_check check ((state = 'purged') = (sha256 is not null)),
    add constraint erasures_purged_content_check check (state <> 'purged' or content_id is null);
comment on column cpf.erasures.state      is 'unlinked: no image refers to it any more, it may not come back; deleted: its bytes are gone; purged: its rows are gone, its bytes go next; finished: everything is.';
comment on column cpf.erasures.content_id is 'The content, until its rows are gone.';
comment on column cpf.erasures.sha256     is 'SHA-256 of the bytes that are to go, while the state is purged; null otherwise.';
comment on column cpf.erasure_receipts.state is 'unlinked, deleted, purged (under way), finished.';

-- The record of an erasure outside of the database may have to wait, for a folder that is full or a process that died.
alter table cpf.erasures
    add column recorded_at timestamptz,
    add constraint erasures_recorded_check check (recorded_at is null or state = 'finished');
create index erasures_unrecorded on cpf.erasures (erasure_id) where state = 'finished' and recorded_at is null;
comment on column cpf.erasures.recorded_at is 'When its receipt was seen in the record of erasures, which is outside of the database; null: not yet.';
