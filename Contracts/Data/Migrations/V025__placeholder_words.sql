-- Section: placeholder words over time ----------------------------------------------------------------------------------------
create table cpf.placeholder_words (
    seq         bigint      generated always as identity primary key,
    content_id  bigint      not null references cpf.contents (content_id) on delete cascade,
    word_before boolean,
    who_before  text,
    note_before text,
    word_after  boolean,
    who         text        not null,
    at          timestamptz not null default now(),
    note        text,
    request_id  uuid        references cpf.review_requests (request_id),
    undoes      bigint      unique references cpf.placeholder_words (seq),
    check (num_nonnulls(word_before, word_after) > 0)
);
create index placeholder_words_content on cpf.placeholder_words (content_id, seq);
create index placeholder_words_request on cpf.placeholder_words (request_id) where request_id is not null;
comment on table  cpf.placeholder_words is 'Every word of a person on whether a content is a placeholder, in the order of commits. Rows are added, and go only with the picture.';
comment on column cpf.placeholder_words.seq         is 'Order.';
comment on column cpf.placeholder_words.content_id  is 'The content.';
comment on column cpf.placeholder_words.word_before is 'The word that stood before; null: none did. The same as word_after: another person agreed.';
comment on column cpf.placeholder_words.who_before  is 'Who stood for that word.';
comment on column cpf.placeholder_words.note_before is 'Why.';
comment on column cpf.placeholder_words.word_after  is 'true: never matched; false: matched however many products use it; null: the rules decide again.';
comment on column cpf.placeholder_words.who         is 'Who said so.';
comment on column cpf.placeholder_words.at          is 'When.';
comment on column cpf.placeholder_words.note        is 'Why.';
comment on column cpf.placeholder_words.request_id  is 'The form of the review pages that said so; null: a command did.';
comment on column cpf.placeholder_words.undoes      is 'The word that this one takes back, or null.';

-- What stands was said some time.
insert into cpf.placeholder_words (content_id, word_after, who, at, note)
select o.content_id, o.is_placeholder, coalesce(o.who, 'somebody'), o.at, o.note
from cpf.placeholder_overrides o
join cpf.contents c using (content_id)
order by o.at, o.content_id;

-- Section: forms in order -----------------------------------------------------------------------------------------------------
-- A form holds answers or words on placeholders: what a reviewer did last is told by the forms.
alter table cpf.review_requests add column seq bigint generated always as identity;
create unique index review_requests_who on cpf.review_requests (who, seq);
comment on column cpf.review_requests.seq is 'Order.';

-- Section: rights -------------------------------------------------------------------------------------------------------------
grant select, insert on cpf.placeholder_words to cpf_service;
