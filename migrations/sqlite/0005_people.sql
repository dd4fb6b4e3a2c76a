-- Who left: their name stays on what they said. `names_version` says which way of folding names their words were found by.
alter table users add column deactivated_at integer;
alter table users add column names_version integer not null default 0;

-- The folded words by which people are found, of those who have not left: place 0 is the whole username, 1 a word of a name.
create table name_words (
    place    integer not null,
    word     text    not null,
    name_key text    not null,
    user_id  blob    not null references users (id),
    primary key (place, word, name_key, user_id)
) strict, without rowid;
create index name_words_user on name_words (user_id, place, word);

-- The beginnings of all words, under each spelling that has one letter less: where a typo and what was meant meet.
create table name_typos (
    variant text not null,
    stem    text not null,
    primary key (variant, stem)
) strict, without rowid;

create table blocks (
    user_id    blob    not null references users (id),
    blocked_id blob    not null references users (id),
    created_at integer not null,
    primary key (user_id, blocked_id)
) strict, without rowid;

-- Of each node of many, who is connected to it: their ids one after another.
create table presence (
    node    blob    not null primary key,
    version integer not null,
    seen_at integer not null,
    people  blob    not null
) strict;
