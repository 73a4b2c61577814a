-- A trace goes on over the outbox: what is published later, by any service, belongs to the work that wrote it.
alter table cpf.outbox add column trace text;
comment on column cpf.outbox.trace is 'Traces of the work that wrote it, as W3C traceparents with a space between them: its own, then those it served as well. Null: none.';
