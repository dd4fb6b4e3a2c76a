-- Tables and columns by the names that chat software commonly uses; their rows stay as they are.
alter table heads rename to stream_heads;
alter table reads rename to read_markers;
alter table links rename to one_time_links;
alter table devices rename to known_devices;
alter table presence rename column people to user_ids;
alter table service rename column spelling_rule to name_key_version;
alter table users rename column names_version to search_key_version;

alter table name_words rename to search_words;
alter table search_words rename column place to kind;
alter table name_typos rename to search_typos;
alter table search_typos rename column variant to deletion;
alter table search_typos rename column stem to prefix;
alter index name_words_user rename to search_words_user;
