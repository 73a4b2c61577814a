-- Which installation a database is of: a backup of another one must not take the place of this one's.
create table cpf.installation (
    only_row        boolean     primary key default true check (only_row),
    installation_id uuid        not null default gen_random_uuid(),
    created_at      timestamptz not null default now()
);
insert into cpf.installation default values;
comment on table  cpf.installation is 'Which installation this database is of. A backup and what is restored from it have the same.';
comment on column cpf.installation.only_row        is 'There is one row.';
comment on column cpf.installation.installation_id is 'Made once.';
comment on column cpf.installation.created_at      is 'When.';

-- An erasure that is repeated keeps its number, and numbers up to it are not given anew.
grant usage, select on sequence cpf.erasures_erasure_id_seq to cpf_service;
