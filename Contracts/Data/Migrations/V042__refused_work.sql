-- What fails by itself, and not because a server is away, is counted and put off, so that what stands beside it goes on.
alter table cpf.outbox
    add column refusals   integer not null default 0,
    add column not_before timestamptz;
comment on column cpf.outbox.refusals   is 'How often the broker refused it: a bounded queue was full, or the message is larger than the broker takes.';
comment on column cpf.outbox.not_before is 'When it is published again after a refusal, or null.';
create index outbox_refused on cpf.outbox (type) where refusals > 0;

alter table cpf.feeds
    add column faults         integer not null default 0,
    add column faulted_at_row bigint;
comment on column cpf.feeds.faults          is 'How often in a row reading it met a fault that no server is to blame for; with four it fails.';
comment on column cpf.feeds.faulted_at_row  is 'Rows that were applied when it met the last one: with further rows applied the count begins anew.';
comment on column cpf.feeds.next_attempt_at is 'When it is tried again, after a download that failed or a fault.';

-- Every source and host in turn, each by its own end of the index, however many rows wait at one of them.
create index fetches_turn on cpf.fetches (source, host, due_at, fetch_id);
drop index cpf.fetches_due;

alter table cpf.feed_schedules
    add column put_by       text,
    add column confirmed_at timestamptz not null default now();
comment on column cpf.feed_schedules.put_by       is 'Who put it last: key:ID, token:SUBJECT or anonymous. Null: it is of before this column.';
comment on column cpf.feed_schedules.confirmed_at is 'Since when it is known that whoever put it may: one that no key put, whose rights could be looked up, runs for a time only.';
comment on column cpf.feed_schedules.key_id       is 'The key that put it last: it runs with the rights that this key has then, and not at all without. Null: a person or program with a token, or a key of before this column.';
