-- Who may ask the services for what. PostgreSQL checks who may ask the database.

-- Section: keys ---------------------------------------------------------------------------------------------------------------
-- Only the owner of the schema makes, changes and revokes keys. A service reads them.
create table cpf.api_keys (
    key_id        text        primary key check (key_id ~ '^[a-z0-9]{12}$'),
    name          text        not null check (name ~ '^[A-Za-z0-9._@-]{1,100}$'),
    roles         text[]      not null
        check (cardinality(roles) > 0 and roles <@ array['read', 'submit', 'review', 'train', 'erase', 'operate']),
    sources       text[]      not null default '{}',
    secret_sha256 bytea       not null check (octet_length(secret_sha256) = 32),
    former_sha256 bytea       check (octet_length(former_sha256) = 32),
    former_until  timestamptz,
    created_at    timestamptz not null default now(),
    expires_at    timestamptz,
    revoked_at    timestamptz,
    last_used_at  timestamptz,
    check ((former_sha256 is null) = (former_until is null))
);
create unique index api_keys_name on cpf.api_keys (name) where revoked_at is null;
comment on table  cpf.api_keys is 'Keys for the HTTP APIs. A key''s text is shown once and is not kept; infra/cpf keys makes them.';
comment on column cpf.api_keys.key_id        is 'Public part of the key, which finds it.';
comment on column cpf.api_keys.name          is 'Whose it is. Verdicts, receipts and the audit name it.';
comment on column cpf.api_keys.roles         is 'What it may do: read, submit, review, train, erase, operate.';
comment on column cpf.api_keys.sources       is 'Sources that it may submit to; none: all.';
comment on column cpf.api_keys.secret_sha256 is 'SHA-256 of the secret part. The secret is 256 random bits, so a slow hash would add nothing.';
comment on column cpf.api_keys.former_sha256 is 'SHA-256 of the secret before the last rotation.';
comment on column cpf.api_keys.former_until  is 'Until when that one is taken, too.';
comment on column cpf.api_keys.created_at    is 'When it was made.';
comment on column cpf.api_keys.expires_at    is 'From when on it is refused; null: never.';
comment on column cpf.api_keys.revoked_at    is 'When it was revoked; null: it is valid.';
comment on column cpf.api_keys.last_used_at  is 'When it was used last, to ten minutes.';

-- Section: links for browsers -------------------------------------------------------------------------------------------------
create table cpf.browser_links (
    token_sha256 bytea       primary key check (octet_length(token_sha256) = 32),
    key_id       text        not null references cpf.api_keys (key_id) on delete cascade,
    expires_at   timestamptz not null
);
comment on table  cpf.browser_links is 'Addresses that sign a browser in, once. Using one deletes it.';
comment on column cpf.browser_links.token_sha256 is 'SHA-256 of what the address holds.';
comment on column cpf.browser_links.key_id       is 'The key that asked for it; the browser may do what that key may.';
comment on column cpf.browser_links.expires_at   is 'Until when it can be used.';

-- Section: audit --------------------------------------------------------------------------------------------------------------
create table cpf.audit_entries (
    seq     bigint      generated always as identity primary key,
    at      timestamptz not null default now(),
    who     text        not null,
    subject text        not null,
    address text,
    act     text        not null,
    target  text,
    outcome text        not null check (outcome in ('done', 'refused')),
    detail  text
);
create index audit_entries_at on cpf.audit_entries (at);
comment on table  cpf.audit_entries is 'Who did what. Services add rows and can neither change nor remove them, nor say when they were added.';
comment on column cpf.audit_entries.seq     is 'Order.';
comment on column cpf.audit_entries.at      is 'When; the time of the act''s transaction.';
comment on column cpf.audit_entries.who     is 'Name of the key, or of the person that a token names.';
comment on column cpf.audit_entries.subject is 'The same as an identity: key:ID, token:SUBJECT, database:ROLE, or anonymous.';
comment on column cpf.audit_entries.address is 'Address that the request came from; null: none, the database was used directly.';
comment on column cpf.audit_entries.act     is 'What was done, such as verdict, erasure or key.add.';
comment on column cpf.audit_entries.target  is 'On what, by ids.';
comment on column cpf.audit_entries.outcome is 'done or refused.';
comment on column cpf.audit_entries.detail  is 'More, never a secret.';

create view cpf.audit as select seq, at, who, subject, address, act, target, outcome, detail from cpf.audit_entries;
comment on view   cpf.audit is 'Who did what, for cpf_auditor. A row stands for an act that was committed, or for a try that was refused.';
comment on column cpf.audit.seq     is 'Order.';
comment on column cpf.audit.at      is 'When; the time of the act''s transaction.';
comment on column cpf.audit.who     is 'Name of the key, or of the person that a token names.';
comment on column cpf.audit.subject is 'The same as an identity: key:ID, token:SUBJECT, database:ROLE, or anonymous.';
comment on column cpf.audit.address is 'Address that the request came from; null: none, the database was used directly.';
comment on column cpf.audit.act     is 'What was done, such as verdict, erasure or key.add.';
comment on column cpf.audit.target  is 'On what, by ids.';
comment on column cpf.audit.outcome is 'done or refused.';
comment on column cpf.audit.detail  is 'More, never a secret.';

-- Section: rights -------------------------------------------------------------------------------------------------------------
grant select on cpf.api_keys to cpf_service;
grant update (last_used_at) on cpf.api_keys to cpf_service;
grant select, insert, delete on cpf.browser_links to cpf_service;
grant insert (who, subject, address, act, target, outcome, detail) on cpf.audit_entries to cpf_service;
grant usage on schema cpf to cpf_auditor;
grant select on cpf.audit to cpf_auditor;
