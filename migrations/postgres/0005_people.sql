-- Who left: their name stays on what they said. `names_version` says which way of folding names their words were found by.
alter table users add column deactivated_at bigint;
alter table users add column names_version bigint not null default 0;

-- The folded words by which people are found, of those who have not left: place 0 is the whole username, 1 a word of a name.
-- Compared by their bytes, as SQLite does.
create table name_words (
    place    bigint           not null,
    word     text collate "C" not null,
    name_key text collate "C" not null,
    user_id  uuid             not null references users (id),
    primary key (place, word, name_key, user_id)
);
create index name_words_user on name_words (user_id, place, word);

-- The beginnings of all words, under each spelling that has one letter less: where a typo and what was meant meet.
create table name_typos (
    variant text collate "C" not null,
    stem    text collate "C" not null,
    primary key (variant, stem)
);

create table blocks (
    user_id    uuid   not null references users (id),
    blocked_id uuid   not null references users (id),
    created_at bigint not null,
    primary key (user_id, blocked_id)
);

-- Of each node of many, who is connected to it: their ids one after another.
create table presence (
    node    uuid   not null primary key,
    version bigint not null,
    seen_at bigint not null,
    people  bytea  not null
);
