-- From version 8 to 9: pages and mails in the languages people read. Frozen once released.
alter table accounts add column language text check (language in ('en', 'de', 'es', 'fr'));
alter table accounts add column browser_language text check (browser_language in ('en', 'de', 'es', 'fr'));
alter table organizations add column language text not null default 'en' check (language in ('en', 'de', 'es', 'fr'));
alter table magic_links add column language text check (language in ('en', 'de', 'es', 'fr'));
