-- Section: images and contents -----------------------------------------------------------------------------------------------
create table cpf.contents (
    content_id    bigint      primary key check (content_id >= 0),
    sha256        bytea       not null unique check (octet_length(sha256) = 32),
    format        text        not null,
    width         integer     not null,
    height        integer     not null,
    byte_length   bigint      not null,
    state         text        not null default 'stored' check (state in ('stored', 'undecodable', 'erased')),
    reject_reason text,
    reject_detail text,
    created_at    timestamptz not null default now()
);
comment on table  cpf.contents is 'Distinct image bytes, the unit that is embedded and matched. Thousands of images may share one.';
comment on column cpf.contents.content_id    is 'First 63 bits of the SHA-256, so that ids do not depend on arrival.';
comment on column cpf.contents.sha256        is 'SHA-256 of the bytes; the key of the blob.';
comment on column cpf.contents.format        is 'File format by its header: jpeg, png, webp, gif, tiff, bmp, avif, heif.';
comment on column cpf.contents.width         is 'Pixels, as the file''s header says (before EXIF rotation).';
comment on column cpf.contents.height        is 'Pixels, as the file''s header says (before EXIF rotation).';
comment on column cpf.contents.byte_length   is 'Size of the file in bytes.';
comment on column cpf.contents.state         is 'stored: bytes kept and usable; undecodable: the Embedder could not use it; erased: removed on request.';
comment on column cpf.contents.reject_reason is 'Reason code when undecodable; images that refer to the content are rejected with it.';
comment on column cpf.contents.reject_detail is 'What was wrong, for a person.';
comment on column cpf.contents.created_at    is 'When the bytes first arrived.';

create table cpf.images (
    image_id      uuid        primary key,
    source        text        not null,
    external_id   text        not null,
    uri           text        not null,
    product_key   text,
    key_scope     text        not null default 'source' check (key_scope in ('global', 'source')),
    content_id    bigint      references cpf.contents (content_id),
    state         text        not null check (state in ('received', 'stored', 'rejected', 'retracted')),
    reject_reason text,
    reject_detail text,
    revision      bigint      not null,
    submitted_at  timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    unique (source, external_id),
    check ((state = 'stored') <= (content_id is not null)),
    check ((state = 'rejected') = (reject_reason is not null))
);
create index images_content on cpf.images (content_id) where state = 'stored';
create index images_received on cpf.images (source, updated_at) where state = 'received';
comment on table  cpf.images is 'One listing''s picture: (source, external_id) refers to a content.';
comment on column cpf.images.image_id      is 'UUID v5 of source and external_id.';
comment on column cpf.images.source        is 'The feed or seller.';
comment on column cpf.images.external_id   is 'The source''s own name of the image.';
comment on column cpf.images.uri           is 'Where the bytes were fetched from.';
comment on column cpf.images.product_key   is 'Identity of the pictured product known from the feed; the class label for training.';
comment on column cpf.images.key_scope     is 'global: GTIN, EAN, brand and MPN; source: the seller''s own. Two keys differ surely only if both are global or both from one source.';
comment on column cpf.images.content_id    is 'The content; null unless stored (kept when retracted, for history).';
comment on column cpf.images.state         is 'received: known, bytes not fetched yet; stored: live; rejected: see reject_reason; retracted: no longer listed.';
comment on column cpf.images.reject_reason is 'Documented reason code when rejected.';
comment on column cpf.images.reject_detail is 'What was wrong, for a person.';
comment on column cpf.images.revision      is 'The producer''s revision; an older one never overwrites a newer one.';
comment on column cpf.images.submitted_at  is 'First arrival.';
comment on column cpf.images.updated_at    is 'Last applied change.';

create table cpf.feeds (
    feed_id      bigint      generated always as identity primary key,
    source       text        not null,
    path         text        not null,
    format       text        not null check (format in ('folder', 'csv', 'ndjson', 'merchant_tsv', 'merchant_xml')),
    keys_path    text,
    snapshot     boolean     not null default false,
    state        text        not null default 'queued' check (state in ('queued', 'running', 'finished', 'refused', 'failed', 'cancelled')),
    revision     bigint      not null,
    rows_total   bigint,
    rows_read    bigint      not null default 0,
    unchanged    bigint      not null default 0,
    stored       bigint      not null default 0,
    rejected     bigint      not null default 0,
    retracted    bigint      not null default 0,
    message      text,
    submitted_at timestamptz not null default now(),
    started_at   timestamptz,
    finished_at  timestamptz
);
comment on table  cpf.feeds is 'Feeds handed to Ingest as a whole: progress, outcome, and the point to resume from after a crash.';
comment on column cpf.feeds.feed_id      is 'Handle.';
comment on column cpf.feeds.source       is 'The source its images belong to.';
comment on column cpf.feeds.path         is 'Folder or file.';
comment on column cpf.feeds.format       is 'How it is read.';
comment on column cpf.feeds.keys_path    is 'labels.csv with product keys, for a folder.';
comment on column cpf.feeds.snapshot     is 'Whether images of the source that the feed does not list are retracted at its end.';
comment on column cpf.feeds.state        is 'queued, running, finished, refused (snapshot would retract too much), failed (see message), cancelled.';
comment on column cpf.feeds.revision     is 'Revision of its rows that carry none: the time of submission, Unix milliseconds.';
comment on column cpf.feeds.rows_total   is 'Rows in the feed when known beforehand.';
comment on column cpf.feeds.rows_read    is 'Rows applied so far; reading resumes here.';
comment on column cpf.feeds.unchanged    is 'Rows that changed nothing.';
comment on column cpf.feeds.stored       is 'Rows whose image was stored anew or changed.';
comment on column cpf.feeds.rejected     is 'Rows rejected.';
comment on column cpf.feeds.retracted    is 'Images retracted by the snapshot.';
comment on column cpf.feeds.message      is 'Why it was refused or failed.';
comment on column cpf.feeds.submitted_at is 'When it was handed in.';
comment on column cpf.feeds.started_at   is 'When reading began.';
comment on column cpf.feeds.finished_at  is 'When it ended.';

create table cpf.feed_images (
    feed_id  bigint not null references cpf.feeds (feed_id) on delete cascade,
    image_id uuid   not null,
    primary key (feed_id, image_id)
);
comment on table  cpf.feed_images is 'The images a running snapshot feed has listed so far; emptied when it ends.';
comment on column cpf.feed_images.feed_id  is 'The feed.';
comment on column cpf.feed_images.image_id is 'A listed image.';

create table cpf.feed_rejections (
    feed_id     bigint not null references cpf.feeds (feed_id) on delete cascade,
    row_number  bigint not null,
    external_id text   not null,
    reason      text   not null,
    detail      text,
    primary key (feed_id, row_number)
);
comment on table  cpf.feed_rejections is 'Rows of a feed that were rejected by Ingest, the first 10,000 of a feed.';
comment on column cpf.feed_rejections.feed_id     is 'The feed.';
comment on column cpf.feed_rejections.row_number  is 'Row of the feed, from 1.';
comment on column cpf.feed_rejections.external_id is 'The image, or empty when the row had none.';
comment on column cpf.feed_rejections.reason      is 'Documented reason code.';
comment on column cpf.feed_rejections.detail      is 'What was wrong, for a person.';

create table cpf.placeholder_policy (
    only_row         boolean primary key default true check (only_row),
    min_product_keys integer not null default 20 check (min_product_keys >= 2)
);
insert into cpf.placeholder_policy default values;
comment on table  cpf.placeholder_policy is 'When a content counts as a placeholder (logo, "no image").';
comment on column cpf.placeholder_policy.only_row         is 'There is one row.';
comment on column cpf.placeholder_policy.min_product_keys is 'So many surely different products (all global keys, or all of one source) make a content a placeholder.';

create table cpf.placeholder_overrides (
    content_id     bigint      primary key references cpf.contents (content_id),
    is_placeholder boolean     not null,
    who            text        not null default current_user,
    at             timestamptz not null default now(),
    note           text
);
comment on table  cpf.placeholder_overrides is 'A person''s word on whether a content is a placeholder; stronger than the count.';
comment on column cpf.placeholder_overrides.content_id     is 'The content.';
comment on column cpf.placeholder_overrides.is_placeholder is 'true: never matched; false: matched however many products use it.';
comment on column cpf.placeholder_overrides.who            is 'Who said so.';
comment on column cpf.placeholder_overrides.at             is 'When.';
comment on column cpf.placeholder_overrides.note           is 'Why.';

-- Section: models -------------------------------------------------------------------------------------------------------------
create table cpf.backbones (
    backbone_id bigint      generated always as identity primary key,
    sha256      bytea       not null unique check (octet_length(sha256) = 32),
    feature_dim integer     not null check (feature_dim > 0),
    input_spec  jsonb       not null,
    blob_key    text        not null,
    created_at  timestamptz not null default now()
);
comment on table  cpf.backbones is 'ONNX networks from pixels to features. Change rarely; own the features.';
comment on column cpf.backbones.backbone_id is 'Handle; the partition key of features.';
comment on column cpf.backbones.sha256      is 'SHA-256 of the ONNX file.';
comment on column cpf.backbones.feature_dim is 'Length of a feature.';
comment on column cpf.backbones.input_spec  is 'Input size, resize rule, mean, std, as in the file''s metadata.';
comment on column cpf.backbones.blob_key    is 'Where the file is in the blob store.';
comment on column cpf.backbones.created_at  is 'When it was registered.';

create table cpf.heads (
    head_id       bigint      generated always as identity primary key,
    backbone_id   bigint      not null references cpf.backbones (backbone_id),
    sha256        bytea       not null check (octet_length(sha256) = 32),
    embedding_dim integer     not null check (embedding_dim > 0),
    blob_key      text        not null,
    created_at    timestamptz not null default now(),
    unique (backbone_id, sha256)
);
comment on table  cpf.heads is 'Small ONNX networks from features to L2-normalised embeddings. Own the embeddings.';
comment on column cpf.heads.head_id       is 'Handle; the partition key of embeddings.';
comment on column cpf.heads.backbone_id   is 'The backbone whose features it reads.';
comment on column cpf.heads.sha256        is 'SHA-256 of the ONNX file.';
comment on column cpf.heads.embedding_dim is 'Length of an embedding.';
comment on column cpf.heads.blob_key      is 'Where the file is in the blob store.';
comment on column cpf.heads.created_at    is 'When it was registered.';

create table cpf.models (
    model_id        bigint           generated always as identity primary key,
    head_id         bigint           not null references cpf.heads (head_id),
    threshold       double precision not null check (threshold > -1 and threshold <= 1),
    state           text             not null check (state in ('candidate', 'shadow', 'active', 'retired', 'refused')),
    report          jsonb            not null default '{}',
    parent_model_id bigint           references cpf.models (model_id),
    created_at      timestamptz      not null default now(),
    activated_at    timestamptz,
    retired_at      timestamptz
);
create unique index models_one_active on cpf.models ((true)) where state = 'active';
comment on table  cpf.models is 'Backbone, head and the one global threshold, with the report that justified them. Immutable but for the state; own the groups.';
comment on column cpf.models.model_id        is 'Handle.';
comment on column cpf.models.head_id         is 'Its head (and through it the backbone).';
comment on column cpf.models.threshold       is 'tau: the similarity at or above which two contents match, in every class.';
comment on column cpf.models.state           is 'candidate, shadow, active, retired, refused; exactly one is active.';
comment on column cpf.models.report          is 'What was measured when it was made.';
comment on column cpf.models.parent_model_id is 'The model it was made from.';
comment on column cpf.models.created_at      is 'When it was made.';
comment on column cpf.models.activated_at    is 'When it last became active.';
comment on column cpf.models.retired_at      is 'When it last ceased to be active.';

create table cpf.features (
    backbone_id bigint not null,
    content_id  bigint not null,
    feature     halfvec not null,
    primary key (backbone_id, content_id)
) partition by list (backbone_id);
comment on table  cpf.features is 'What a backbone sees in a content, rounded to half precision. One partition a backbone.';
comment on column cpf.features.backbone_id is 'The backbone.';
comment on column cpf.features.content_id  is 'The content.';
comment on column cpf.features.feature     is 'The feature, backbones.feature_dim long.';

create table cpf.embeddings (
    head_id    bigint not null,
    content_id bigint not null,
    embedding  halfvec not null,
    primary key (head_id, content_id)
) partition by list (head_id);
comment on table  cpf.embeddings is 'The stored embedding of a content under a head: the truth that similarities are computed from. One partition a head.';
comment on column cpf.embeddings.head_id    is 'The head.';
comment on column cpf.embeddings.content_id is 'The content.';
comment on column cpf.embeddings.embedding  is 'Near-unit vector, heads.embedding_dim long; similarity is the dot product.';

-- Section: matching -----------------------------------------------------------------------------------------------------------
create table cpf.matches (
    head_id    bigint           not null,
    content_a  bigint           not null,
    content_b  bigint           not null,
    similarity double precision not null,
    primary key (head_id, content_a, content_b),
    check (content_a < content_b)
);
create index matches_b on cpf.matches (head_id, content_b);
comment on table  cpf.matches is 'Pairs kept for explanation: those at or above the threshold up to 200 a content, and each content''s nearest. Grouping never relies on it.';
comment on column cpf.matches.head_id    is 'The head whose embeddings were compared.';
comment on column cpf.matches.content_a  is 'The smaller content id.';
comment on column cpf.matches.content_b  is 'The larger content id.';
comment on column cpf.matches.similarity is 'Exact dot product of the stored halves.';

create table cpf.group_members (
    model_id     bigint      not null references cpf.models (model_id) on delete cascade,
    content_id   bigint      not null,
    group_id     bigint      not null,
    component_id bigint      not null,
    pending      boolean     not null default false,
    reconciled   boolean     not null default false,
    matched_at   timestamptz not null default now(),
    primary key (model_id, content_id)
);
create index group_members_group      on cpf.group_members (model_id, group_id);
create index group_members_component  on cpf.group_members (model_id, component_id);
create index group_members_pending    on cpf.group_members (model_id, component_id) where pending;
create index group_members_unreconciled on cpf.group_members (model_id, content_id) where not reconciled;
comment on table  cpf.group_members is 'A row for every live content under a model, singletons included: being here means matched.';
comment on column cpf.group_members.model_id     is 'The model.';
comment on column cpf.group_members.content_id   is 'The content.';
comment on column cpf.group_members.group_id     is 'Smallest content_id of its match group.';
comment on column cpf.group_members.component_id is 'Smallest content_id of its connected component of edges.';
comment on column cpf.group_members.pending      is 'Its component is too large to regroup online and waits for the background.';
comment on column cpf.group_members.reconciled   is 'It has been joined exactly against all others.';
comment on column cpf.group_members.matched_at   is 'When it came in.';

create table cpf.groups (
    model_id            bigint           not null references cpf.models (model_id) on delete cascade,
    group_id            bigint           not null,
    size                integer          not null check (size >= 2),
    min_pair_similarity double precision not null,
    medoid              bigint           not null,
    weakest_merge       double precision not null,
    primary key (model_id, group_id)
);
comment on table  cpf.groups is 'Cohesion of the groups of two contents or more.';
comment on column cpf.groups.model_id            is 'The model.';
comment on column cpf.groups.group_id            is 'Smallest content_id of the group.';
comment on column cpf.groups.size                is 'Contents in the group.';
comment on column cpf.groups.min_pair_similarity is 'Similarity of its two most distant contents.';
comment on column cpf.groups.medoid              is 'The content nearest to all others on average: the picture to show.';
comment on column cpf.groups.weakest_merge       is 'Lowest mean similarity at which two parts of it were merged.';

create table cpf.group_merges (
    model_id bigint           not null references cpf.models (model_id) on delete cascade,
    "left"   bigint           not null,
    "right"  bigint           not null,
    height   double precision not null,
    primary key (model_id, "right"),
    check ("left" < "right")
);
create index group_merges_left on cpf.group_merges (model_id, "left");
comment on table  cpf.group_merges is 'The agglomeration tree above the threshold. A cluster is named by its smallest content, so every name is merged away at most once.';
comment on column cpf.group_merges.model_id is 'The model.';
comment on column cpf.group_merges."left"   is 'The cluster that lives on.';
comment on column cpf.group_merges."right"  is 'The cluster merged into it.';
comment on column cpf.group_merges.height   is 'Mean cross similarity at the merge.';

create table cpf.verdicts (
    content_a bigint      not null references cpf.contents (content_id),
    content_b bigint      not null references cpf.contents (content_id),
    verdict   text        not null check (verdict in ('same', 'different')),
    who       text        not null,
    at        timestamptz not null default now(),
    note      text,
    primary key (content_a, content_b),
    check (content_a < content_b)
);
create index verdicts_b on cpf.verdicts (content_b);
comment on table  cpf.verdicts is 'People''s word on two pictures. Outlives models.';
comment on column cpf.verdicts.content_a is 'The smaller content id.';
comment on column cpf.verdicts.content_b is 'The larger content id.';
comment on column cpf.verdicts.verdict   is 'same: must-link; different: cannot-link.';
comment on column cpf.verdicts.who       is 'Who said so.';
comment on column cpf.verdicts.at        is 'When.';
comment on column cpf.verdicts.note      is 'Why.';

create table cpf.group_events (
    seq               bigint      generated always as identity primary key,
    model_id          bigint      not null references cpf.models (model_id) on delete cascade,
    kind              text        not null check (kind in ('joined', 'left', 'merged', 'split', 'renamed')),
    content_id        bigint      not null,
    group_id          bigint,
    previous_group_id bigint,
    at                timestamptz not null default now()
);
create index group_events_content on cpf.group_events (content_id, seq);
comment on table  cpf.group_events is 'History of match groups, a row for every content whose group changed; seq in commit order.';
comment on column cpf.group_events.seq               is 'Position; GET /changes?after=seq continues from it.';
comment on column cpf.group_events.model_id          is 'The model under which it happened.';
comment on column cpf.group_events.kind              is 'joined: the content came in; left: it went; merged, split: its group did; renamed: same companions, other handle.';
comment on column cpf.group_events.content_id        is 'The content.';
comment on column cpf.group_events.group_id          is 'Its group afterwards; null when it left.';
comment on column cpf.group_events.previous_group_id is 'Its group before; null when it joined.';
comment on column cpf.group_events.at                is 'When.';

create table cpf.reconciles (
    reconcile_id bigint           generated always as identity primary key,
    model_id     bigint           not null references cpf.models (model_id) on delete cascade,
    started_at   timestamptz      not null,
    finished_at  timestamptz      not null,
    contents     bigint           not null,
    gallery      bigint           not null,
    pairs        bigint           not null,
    missed_pairs bigint           not null,
    recall       double precision not null
);
comment on table  cpf.reconciles is 'Exact joins of new contents against all: what the online search had found, and what was repaired.';
comment on column cpf.reconciles.reconcile_id is 'Handle.';
comment on column cpf.reconciles.model_id     is 'The model.';
comment on column cpf.reconciles.started_at   is 'When it began.';
comment on column cpf.reconciles.finished_at  is 'When it was committed.';
comment on column cpf.reconciles.contents     is 'Contents joined (those since the last reconcile).';
comment on column cpf.reconciles.gallery      is 'Contents they were joined against.';
comment on column cpf.reconciles.pairs        is 'Pairs at or above the threshold.';
comment on column cpf.reconciles.missed_pairs is 'Of these, pairs whose contents the online search had left in different components.';
comment on column cpf.reconciles.recall       is '1 - missed_pairs / pairs; 1 when there was no pair.';

-- Section: outbox -------------------------------------------------------------------------------------------------------------
create table cpf.outbox (
    seq        bigint      generated always as identity primary key,
    type       text        not null,
    payload    jsonb       not null,
    created_at timestamptz not null default now()
);
comment on table  cpf.outbox is 'Messages to publish, written in the transaction of the change they tell of; deleted once the broker has confirmed them.';
comment on column cpf.outbox.seq        is 'Order of writing.';
comment on column cpf.outbox.type       is 'Name of the message record in CpfPipeline.Contracts.';
comment on column cpf.outbox.payload    is 'The message.';
comment on column cpf.outbox.created_at is 'When it was written.';
