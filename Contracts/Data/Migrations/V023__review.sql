-- Section: verdicts over time -------------------------------------------------------------------------------------------------
create table cpf.verdict_events (
    seq            bigint      generated always as identity primary key,
    content_a      bigint      not null references cpf.contents (content_id) on delete cascade,
    content_b      bigint      not null references cpf.contents (content_id) on delete cascade,
    verdict_before text        check (verdict_before in ('same', 'different')),
    verdict_after  text        check (verdict_after in ('same', 'different')),
    who            text        not null,
    at             timestamptz not null default now(),
    note           text,
    undoes         bigint      unique references cpf.verdict_events (seq),
    check (content_a < content_b),
    check (verdict_before is distinct from verdict_after)
);
create index verdict_events_pair on cpf.verdict_events (content_a, content_b, seq);
create index verdict_events_b    on cpf.verdict_events (content_b);
comment on table  cpf.verdict_events is 'Every verdict that was given, changed or withdrawn, in the order of commits. Rows are added, and go only with the picture.';
comment on column cpf.verdict_events.seq            is 'Order.';
comment on column cpf.verdict_events.content_a      is 'The smaller content id.';
comment on column cpf.verdict_events.content_b      is 'The larger content id.';
comment on column cpf.verdict_events.verdict_before is 'The word that stood before; null: none did.';
comment on column cpf.verdict_events.verdict_after  is 'The word that stands since; null: it was withdrawn.';
comment on column cpf.verdict_events.who            is 'Who said so.';
comment on column cpf.verdict_events.at             is 'When.';
comment on column cpf.verdict_events.note           is 'Why.';
comment on column cpf.verdict_events.undoes         is 'The event that this one takes back, or null.';

-- What stands was given some time.
insert into cpf.verdict_events (content_a, content_b, verdict_after, who, at, note)
select content_a, content_b, verdict, who, at, note from cpf.verdicts order by at, content_a, content_b;

create view cpf.verdict_history as
select e.seq, a.source as source_a, a.external_id as external_id_a, b.source as source_b, b.external_id as external_id_b,
       e.verdict_before, e.verdict_after, e.who, e.at, e.note, e.undoes, e.content_a, e.content_b,
       e.content_a::text as content_a_text, e.content_b::text as content_b_text
from cpf.verdict_events e
left join lateral (
    select i.source, i.external_id from cpf.images i
    where i.content_id = e.content_a and i.state = 'stored' order by i.source, i.external_id limit 1) a on true
left join lateral (
    select i.source, i.external_id from cpf.images i
    where i.content_id = e.content_b and i.state = 'stored' order by i.source, i.external_id limit 1) b on true;
comment on view   cpf.verdict_history is 'Every verdict that was given, changed, withdrawn or undone, each with one live image of either picture; names are null when no live image shows it.';
comment on column cpf.verdict_history.seq            is 'Order.';
comment on column cpf.verdict_history.source_a       is 'Source of an image that shows the one picture.';
comment on column cpf.verdict_history.external_id_a  is 'External id of that image.';
comment on column cpf.verdict_history.source_b       is 'Source of an image that shows the other picture.';
comment on column cpf.verdict_history.external_id_b  is 'External id of that image.';
comment on column cpf.verdict_history.verdict_before is 'The word that stood before: same or different; null: none did.';
comment on column cpf.verdict_history.verdict_after  is 'The word that stands since: same or different; null: it was withdrawn.';
comment on column cpf.verdict_history.who            is 'Who said so.';
comment on column cpf.verdict_history.at             is 'When.';
comment on column cpf.verdict_history.note           is 'Why.';
comment on column cpf.verdict_history.undoes         is 'The event that this one takes back, or null.';
comment on column cpf.verdict_history.content_a      is 'The smaller content id.';
comment on column cpf.verdict_history.content_b      is 'The larger content id.';
comment on column cpf.verdict_history.content_a_text is 'content_a as text, for programs that lose digits of large numbers.';
comment on column cpf.verdict_history.content_b_text is 'content_b as text.';

-- Section: review -------------------------------------------------------------------------------------------------------------
create table cpf.review_requests (
    request_id  uuid        primary key,
    who         text        not null,
    body_sha256 bytea       not null check (length(body_sha256) = 32),
    at          timestamptz not null default now()
);
comment on table  cpf.review_requests is 'Forms of the review pages that were taken: the same one posted again changes nothing.';
comment on column cpf.review_requests.request_id  is 'Id that the form was served with.';
comment on column cpf.review_requests.who         is 'The reviewer.';
comment on column cpf.review_requests.body_sha256 is 'SHA-256 of what the form said: another word under the same id is refused.';
comment on column cpf.review_requests.at          is 'When.';

create table cpf.review_answers (
    answer_id   bigint      generated always as identity primary key,
    request_id  uuid        not null references cpf.review_requests (request_id),
    content_a   bigint      not null references cpf.contents (content_id) on delete cascade,
    content_b   bigint      not null references cpf.contents (content_id) on delete cascade,
    word        text        not null check (word in ('same', 'different', 'unsure')),
    who         text        not null,
    at          timestamptz not null default now(),
    verdict_seq bigint      unique references cpf.verdict_events (seq) on delete cascade,
    settled     integer     not null default 0 check (settled >= 0),
    undone_at   timestamptz,
    unique (request_id, content_a, content_b),
    check (content_a < content_b)
);
create index review_answers_standing on cpf.review_answers (who, answer_id) where undone_at is null;
create index review_answers_unsure   on cpf.review_answers (content_a, content_b, who) where word = 'unsure' and undone_at is null;
create index review_answers_a        on cpf.review_answers (content_a);
create index review_answers_b        on cpf.review_answers (content_b);
comment on table  cpf.review_answers is 'What reviewers answered on the review pages.';
comment on column cpf.review_answers.answer_id   is 'Order.';
comment on column cpf.review_answers.request_id  is 'The form; several answers may share it.';
comment on column cpf.review_answers.content_a   is 'The smaller content id.';
comment on column cpf.review_answers.content_b   is 'The larger content id.';
comment on column cpf.review_answers.word        is 'same, different, or unsure: this reviewer is not asked again.';
comment on column cpf.review_answers.who         is 'The reviewer.';
comment on column cpf.review_answers.at          is 'When.';
comment on column cpf.review_answers.verdict_seq is 'The change of the verdict; null: unsure, or the verdict stood already.';
comment on column cpf.review_answers.settled     is 'Kept pairs that follow from the answer, counted up to a bound.';
comment on column cpf.review_answers.undone_at   is 'When it was taken back.';

create table cpf.contradictions (
    contradiction_id bigint      generated always as identity primary key,
    content_a        bigint      not null references cpf.contents (content_id) on delete cascade,
    content_b        bigint      not null references cpf.contents (content_id) on delete cascade,
    verdict          text        not null check (verdict in ('same', 'different')),
    who              text        not null,
    at               timestamptz not null default now(),
    note             text,
    links            integer     not null check (links >= 0),
    closing          text        check (closing in ('given', 'dismissed')),
    closed_by        text,
    closed_at        timestamptz,
    check (content_a < content_b),
    check ((closing is null) = (closed_at is null) and (closing is null) = (closed_by is null))
);
create unique index contradictions_open on cpf.contradictions (content_a, content_b, verdict, who) where closed_at is null;
create index contradictions_a on cpf.contradictions (content_a);
create index contradictions_b on cpf.contradictions (content_b);
comment on table  cpf.contradictions is 'Verdicts that were refused because they contradict others, until they are given or dismissed.';
comment on column cpf.contradictions.contradiction_id is 'Handle.';
comment on column cpf.contradictions.content_a        is 'The smaller content id.';
comment on column cpf.contradictions.content_b        is 'The larger content id.';
comment on column cpf.contradictions.verdict          is 'The word that was refused.';
comment on column cpf.contradictions.who              is 'Who said it.';
comment on column cpf.contradictions.at               is 'When it was refused last.';
comment on column cpf.contradictions.note             is 'Why it was said.';
comment on column cpf.contradictions.links            is 'Verdicts in the chain when it was refused; fewer are left when a picture was erased.';
comment on column cpf.contradictions.closing          is 'given: the word stands now; dismissed: those that it contradicts hold; null: open.';
comment on column cpf.contradictions.closed_by        is 'Who gave it or dismissed it.';
comment on column cpf.contradictions.closed_at        is 'When.';

create table cpf.contradiction_links (
    contradiction_id bigint      not null references cpf.contradictions (contradiction_id) on delete cascade,
    place            integer     not null,
    content_a        bigint      not null references cpf.contents (content_id) on delete cascade,
    content_b        bigint      not null references cpf.contents (content_id) on delete cascade,
    verdict          text        not null check (verdict in ('same', 'different')),
    who              text        not null,
    at               timestamptz not null,
    primary key (contradiction_id, place)
);
create index contradiction_links_a on cpf.contradiction_links (content_a);
create index contradiction_links_b on cpf.contradiction_links (content_b);
comment on table  cpf.contradiction_links is 'The chain of verdicts that a refused one contradicted, as they stood then.';
comment on column cpf.contradiction_links.contradiction_id is 'The refused verdict.';
comment on column cpf.contradiction_links.place            is 'Place in the chain, from 1, from its smaller content to its larger one.';
comment on column cpf.contradiction_links.content_a        is 'The smaller content id.';
comment on column cpf.contradiction_links.content_b        is 'The larger content id.';
comment on column cpf.contradiction_links.verdict          is 'The word that stood.';
comment on column cpf.contradiction_links.who              is 'Who said so.';
comment on column cpf.contradiction_links.at               is 'When.';

-- Section: rights -------------------------------------------------------------------------------------------------------------
grant select, insert on cpf.verdict_events, cpf.review_requests to cpf_service;
grant select, insert, update on cpf.review_answers, cpf.contradictions to cpf_service;
grant select, insert, delete on cpf.contradiction_links to cpf_service;
grant select on cpf.verdict_history to cpf_service, cpf_reader;
