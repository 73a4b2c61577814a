-- The exact join of a whole catalogue in tiles that any Matcher may compute. A plan belongs to what the Trainer asks for, and goes with it.
create table cpf.joins (
    join_id        bigint           generated always as identity primary key,
    model_id       bigint           not null unique references cpf.model_preparations (model_id) on delete cascade,
    contents       integer          not null check (contents > 0),
    block_contents integer          not null check (block_contents > 0),
    range_blocks   integer          not null check (range_blocks > 0),
    pairs_kept     integer          not null,
    nearest_kept   integer          not null,
    nearest_floor  double precision not null,
    verdict_a      bigint[]         not null,
    verdict_b      bigint[]         not null,
    verdict_same   boolean[]        not null,
    fault          text,
    planned_at     timestamptz      not null default now()
);
comment on table  cpf.joins is 'Exact joins of all live contents under a shadow model that are computed in tiles. A row goes with the model''s preparation, or when its groups are written.';
comment on column cpf.joins.join_id        is 'Number.';
comment on column cpf.joins.model_id       is 'The shadow model.';
comment on column cpf.joins.contents       is 'Contents that are joined with each other: those live when the join was planned.';
comment on column cpf.joins.block_contents is 'Contents on the left side of a tile; the last block may hold fewer.';
comment on column cpf.joins.range_blocks   is 'Blocks on the right side of a tile; the last range may hold fewer.';
comment on column cpf.joins.pairs_kept     is 'Pairs at or above the threshold that are kept for explanation, per content.';
comment on column cpf.joins.nearest_kept   is 'Nearest contents that are kept for explanation, per content.';
comment on column cpf.joins.nearest_floor  is 'Smallest similarity of these.';
comment on column cpf.joins.verdict_a      is 'Verdicts when the join was planned: the smaller content id; -1: erased or collected since.';
comment on column cpf.joins.verdict_b      is 'The larger content id; -1: erased or collected since.';
comment on column cpf.joins.verdict_same   is 'Whether the verdict is same; otherwise different.';
comment on column cpf.joins.fault          is 'Why no tile of it can be computed; null: nothing is known against it.';
comment on column cpf.joins.planned_at     is 'When it was planned.';

create table cpf.join_blocks (
    join_id     bigint   not null references cpf.joins (join_id) on delete cascade,
    block       integer  not null,
    content_ids bigint[] not null,
    kept        bytea,
    primary key (join_id, block)
);
comment on table  cpf.join_blocks is 'The contents of a join, by content id rising over all blocks. A content''s place in this order is its position.';
comment on column cpf.join_blocks.join_id     is 'The join.';
comment on column cpf.join_blocks.block       is 'Number of the block, from 0.';
comment on column cpf.join_blocks.content_ids is 'Its contents; -1: erased or collected since.';
comment on column cpf.join_blocks.kept        is 'Neighbours to keep of the block that its tiles found so far; null: none yet, or they are in cpf.matches.';

create table cpf.join_tiles (
    join_id      bigint  not null references cpf.joins (join_id) on delete cascade,
    tile         integer not null,
    block        integer not null,
    sent         integer not null default 0,
    done_at      timestamptz,
    joiner       text,
    milliseconds integer,
    edges        bytea,
    primary key (join_id, tile)
);
create index join_tiles_open  on cpf.join_tiles (join_id, tile) where done_at is null;
create index join_tiles_block on cpf.join_tiles (join_id, block) where done_at is null;
comment on table  cpf.join_tiles is 'Tiles of a join: a block of contents compared with a range of blocks.';
comment on column cpf.join_tiles.join_id      is 'The join.';
comment on column cpf.join_tiles.tile         is 'Number of the tile, from 0: all blocks with the first range, then with the second one.';
comment on column cpf.join_tiles.block        is 'The left block.';
comment on column cpf.join_tiles.sent         is 'How often its message was sent.';
comment on column cpf.join_tiles.done_at      is 'When it was written; null: not yet.';
comment on column cpf.join_tiles.joiner       is 'Machine and process that computed it.';
comment on column cpf.join_tiles.milliseconds is 'How long that took.';
comment on column cpf.join_tiles.edges        is 'A spanning forest of its edges: pairs of positions, 32 bits each, the least significant byte first.';

grant select, insert, update, delete on cpf.joins, cpf.join_blocks, cpf.join_tiles to cpf_service;
