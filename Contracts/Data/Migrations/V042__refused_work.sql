-- What fails by itself, and not because a server is away, is counted and put off, so that what stands beside it goes on.
alter table cpf.outbox
    add column refusals   integer not null default 0,
    add column not_before timestamptz;
comment on column cpf.outbox.refusals   is 'How often the broker refused it: a bounded queue was full, or the message is larger than the broker takes.';
comment on column cpf.outbox.not_before is 'When it is published again after a refusal, or null.';
create index outbox_refused on cpf.outbox (type) where refusals > 0;
