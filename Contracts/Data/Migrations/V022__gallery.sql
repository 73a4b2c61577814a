-- Section: gallery ------------------------------------------------------------------------------------------------------------
alter table cpf.groups add column changed_at timestamptz not null default now();
comment on column cpf.groups.changed_at is 'When its members or its cohesion last changed.';

-- The orders in which people look at groups. Size is negated, so that one comparison of rows continues a list.
create index groups_by_doubt  on cpf.groups (model_id, weakest_merge, group_id);
create index groups_by_size   on cpf.groups (model_id, (-size), group_id);
create index groups_by_change on cpf.groups (model_id, changed_at, group_id);

-- Section: pages --------------------------------------------------------------------------------------------------------------
create table cpf.page_keys (
    name       text        primary key,
    xml        text        not null,
    created_at timestamptz not null default now()
);
comment on table  cpf.page_keys is 'Keys that sign the forms of the pages, shared by all Matchers.';
comment on column cpf.page_keys.name       is 'Handle.';
comment on column cpf.page_keys.xml        is 'The key, as ASP.NET Core data protection writes it.';
comment on column cpf.page_keys.created_at is 'When it was made.';

-- Section: rights -------------------------------------------------------------------------------------------------------------
grant select, insert on cpf.page_keys to cpf_service;
