-- By which rule the keys of names were made: when the rule is a newer one, they are made anew at start.
alter table service add column spelling_rule integer not null default 0;
