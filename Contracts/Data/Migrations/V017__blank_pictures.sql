-- A picture of one colour shows no product. The Embedder sees it when it decodes; such a content is a placeholder unless a person says otherwise.
alter table cpf.contents add column blank boolean not null default false;
create index contents_blank on cpf.contents (content_id) where blank;
comment on column cpf.contents.blank is 'The picture is of one colour but for the noise of compression, and so a placeholder unless a person says otherwise.';

create or replace function cpf.is_placeholder(content bigint) returns boolean language sql stable
security definer set search_path = cpf, public, pg_temp as $$
    select coalesce(
        (select is_placeholder from cpf.placeholder_overrides where content_id = content),
        exists (select from cpf.contents c where c.content_id = content and c.blank)
        or cpf.product_key_count(content) >= (select min_product_keys from cpf.placeholder_policy))
$$;
comment on function cpf.is_placeholder(bigint) is 'Whether the content is a placeholder now: the override, else whether it is blank, else the count against the policy.';
comment on table cpf.placeholder_overrides is 'A person''s word on whether a content is a placeholder; stronger than the count and than a blank picture.';

create or replace view cpf.placeholders as
select c.content_id, encode(c.sha256, 'hex') as sha256, cpf.product_key_count(c.content_id) as product_keys,
       (select count(*) from cpf.images i where i.content_id = c.content_id and i.state = 'stored') as images,
       o.is_placeholder as override, o.who, o.note, c.blank
from cpf.contents c
left join cpf.placeholder_overrides o using (content_id)
where c.content_id in (select content_id from cpf.placeholder_overrides
                       union
                       select content_id from cpf.contents where blank and state = 'stored'
                       union
                       select content_id from cpf.images where state = 'stored' and product_key is not null
                       group by content_id having count(*) >= (select min_product_keys from cpf.placeholder_policy))
  and (o.is_placeholder is not null or cpf.is_placeholder(c.content_id));
comment on view   cpf.placeholders       is 'Contents kept out of matching because many different products use them or they are blank, and the overrides.';
comment on column cpf.placeholders.blank is 'Whether the picture is of one colour.';

-- Pictures that were embedded before are looked at once.
create table cpf.blank_sweep (
    only_row        boolean     primary key default true check (only_row),
    next_content_id bigint      not null default 0,
    embedded_before timestamptz not null default now()
);
insert into cpf.blank_sweep default values;
comment on table  cpf.blank_sweep is 'How far the Embedder is with looking for blank pictures among those that were embedded before it knew them; empty when it is done.';
comment on column cpf.blank_sweep.only_row        is 'There is one row at most.';
comment on column cpf.blank_sweep.next_content_id is 'Where it goes on.';
comment on column cpf.blank_sweep.embedded_before is 'Contents that came later were looked at when they were embedded.';
grant select, insert, update, delete on cpf.blank_sweep to cpf_service;
