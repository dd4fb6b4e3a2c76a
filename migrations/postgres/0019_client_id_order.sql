-- Client ids come first in the index of messages: those of our own client grow with time, so a new one goes to the end of
-- the index and not to a page of its author's.
create unique index messages_client_id on messages (client_id, author_id);
alter table messages drop constraint messages_author_id_client_id_key;
