-- From version 5 to 6: edits, profile pictures, expiry, photos in pieces. Frozen once released.
alter table organizations add column backdrops text not null default '[]' check (json_valid(backdrops));
alter table organizations add column results_days integer check (results_days between 7 and 3650);
alter table organizations add column edits integer not null default 10 check (edits between 0 and 100);
alter table organizations add column lead_edits integer not null default 10 check (lead_edits between 0 and 100);
alter table organizations add column avatars integer not null default 0 check (avatars in (0, 1));
alter table organizations add column logo text;

alter table members add column avatar text;
create unique index members_by_avatar on members (avatar) where avatar is not null;

alter table shoots add column expires_at integer;
alter table shoots add column warnings integer not null default 0 check (warnings between 0 and 2);
alter table shoots add column expired integer not null default 0 check (expired in (0, 1) and (expired = 0 or state = 'deleted'));
create index shoots_by_expiry on shoots (expires_at) where expires_at is not null and state = 'ready';
create index shoots_by_end on shoots (finished_at) where state = 'ready';

alter table results add column original_id text references results on delete cascade check (original_id != id);
create index results_by_original on results (original_id) where original_id is not null;
create trigger results_edits_are_of_originals before insert on results
when new.original_id is not null
    and not exists (select 1 from results where id = new.original_id and shoot_id = new.shoot_id and original_id is null)
begin
    select raise(abort, 'an edit is of an original of its shoot');
end;

create table edits (
    id              integer primary key,
    organization_id text not null references organizations on delete cascade,
    member_id       text references members on delete set null,               -- whose headshot it is
    result_id       text references results on delete set null,               -- what it made
    made_by         text not null check (made_by in ('member', 'lead')),
    created_at      integer not null,
    undone_at       integer
) strict;
create index edits_by_member on edits (member_id, made_by) where member_id is not null;
create index edits_by_result on edits (result_id) where result_id is not null;
create index edits_by_organization on edits (organization_id);
create trigger edits_are_limited before insert on edits
when (select count(*) from edits where member_id = new.member_id and made_by = new.made_by)
    >= (select case new.made_by when 'lead' then lead_edits else edits end from organizations where id = new.organization_id)
begin
    select raise(abort, 'no edits are left');
end;

create table shares (
    id         text primary key,
    digest     blob not null unique check (length(digest) = 32),
    shoot_id   text not null references shoots on delete cascade,
    result_id  text references results on delete cascade,                     -- the only one it shows; null: all
    created_by text references members on delete set null,
    created_at integer not null,
    expires_at integer not null,
    revoked_at integer,
    opened     integer not null default 0 check (opened >= 0),                -- how often
    opened_at  integer
) strict;
create index shares_by_shoot on shares (shoot_id, created_at desc);
create index shares_by_result on shares (result_id) where result_id is not null;
create index shares_by_creator on shares (created_by) where created_by is not null;
create index shares_by_expiry on shares (expires_at);

create table uploads (
    id         text primary key,
    shoot_id   text not null references shoots on delete cascade,
    name       text not null,
    mark       text not null check (length(mark) between 1 and 200),          -- what the sender knows the file by, to go on with it
    bytes      integer not null check (bytes > 0),                            -- of the whole file
    received   integer not null default 0 check (received between 0 and bytes),
    created_at integer not null,
    touched_at integer not null
) strict;
create unique index uploads_once_a_shoot on uploads (shoot_id, mark);
create index uploads_by_age on uploads (touched_at);

create table handoffs (
    digest         blob primary key check (length(digest) = 32),
    session_digest blob not null references sessions on delete cascade,
    path           text not null check (path glob '/team-member*'),           -- where it goes on
    created_at     integer not null,
    expires_at     integer not null,
    used_at        integer
) strict, without rowid;
create index handoffs_by_session on handoffs (session_digest);
create index handoffs_by_expiry on handoffs (expires_at);

create table picture_templates (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    name            text not null check (length(name) between 1 and 60),
    position        integer not null,
    shape           text not null check (shape in ('circle', 'rounded', 'square')),
    size            integer not null check (size between 128 and 1024),       -- pixels a side
    background      text check (background glob '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'), -- null: the headshot's own
    border          integer not null default 0 check (border between 0 and 64),           -- pixels
    border_colour   text not null default '#ffffff' check (border_colour glob '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
    greyscale       integer not null default 0 check (greyscale in (0, 1)),
    logo            text check (logo in ('top-left', 'top-right', 'bottom-left', 'bottom-right')), -- the corner the logo is in; null: none
    created_at      integer not null,
    changed_at      integer not null
) strict;
create unique index picture_templates_by_name on picture_templates (organization_id, name collate nocase);

create table custom_fields (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    position        integer not null,
    label           text not null check (length(label) between 1 and 100),
    kind            text not null check (kind in ('text', 'choice', 'checkbox')),
    choices         text not null default '[]' check (json_valid(choices)),
    required        integer not null default 0 check (required in (0, 1)),
    created_at      integer not null,
    check ((kind = 'choice') = (choices != '[]'))
) strict;
create unique index custom_fields_by_label on custom_fields (organization_id, label collate nocase);

create table custom_values (
    member_id text not null references members on delete cascade,
    field_id  text not null references custom_fields on delete cascade,
    value     text not null check (length(value) <= 1000),
    primary key (member_id, field_id)
) strict, without rowid;
create index custom_values_by_field on custom_values (field_id);

create table new_mails (
    id              text primary key,
    job_id          text not null unique,
    organization_id text references organizations on delete cascade,
    invite_id       text references invites on delete set null,
    kind            text not null check (kind in (
        'invite', 'reminder', 'access', 'submitted', 'nudge', 'ready', 'failed', 'retry', 'endpoint', 'security', 'deleted',
        'expiring', 'credits', 'favorite', 'test'
    )),
    recipient       text not null,
    subject         text not null,
    text            text,
    html            text,
    state           text not null check (state in ('kept', 'sending', 'sent', 'deferred', 'refused')), -- kept: there is no SMTP server to send it by
    answer          text,                                                     -- the mail server's last words
    created_at      integer not null,
    sent_at         integer
) strict;
insert into new_mails (id, job_id, organization_id, invite_id, kind, recipient, subject, text, html, state, answer, created_at, sent_at)
select id, job_id, organization_id, invite_id, kind, recipient, subject, text, html, state, answer, created_at, sent_at from mails;
drop table mails;
alter table new_mails rename to mails;
create index mails_by_age on mails (created_at desc, id desc);
create index mails_by_organization on mails (organization_id, created_at desc);
create index mails_by_invite on mails (invite_id, created_at desc);
create index mails_in_trouble on mails (organization_id, created_at desc) where state in ('refused', 'deferred');
