-- A text that the data key sealed, so that a node with another key does not start.
alter table service add column data_key_check blob;
