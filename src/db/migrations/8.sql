-- From version 7 to 8: what can be undone for some seconds; people are imported out of tables, and invites know what they are called.
-- Frozen once released.
create table undoables (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    member_id       text not null references members on delete cascade,       -- who asked for it
    leads           integer not null check (leads in (0, 1)),                 -- as a lead: then any lead may undo it
    kind            text not null check (kind in (
        'invite', 'accepted', 'link', 'member', 'team', 'backdrop', 'logo', 'question', 'template', 'endpoint', 'share', 'photos',
        'shoot'
    )),
    what            text not null,                                            -- what goes, as it was called then
    back            text not null check (back glob '/*' and back not glob '//*'), -- the page it was asked for on
    state           text not null default 'waiting' check (state in ('waiting', 'undone', 'done', 'refused')),
    trouble         text,                                                     -- why it, or a part of it, was refused
    seen            integer not null default 0 check (seen in (0, 1)),        -- and that this was read
    created_at      integer not null,
    due_at          integer not null check (due_at >= created_at),
    settled_at      integer,
    check ((state = 'waiting') = (settled_at is null)),
    check (state != 'refused' or trouble is not null),
    check (trouble is null or state in ('done', 'refused'))
) strict;
create index undoables_by_organization on undoables (organization_id, state, kind);
create index undoables_by_member on undoables (member_id, created_at desc);
create index undoables_by_end on undoables (settled_at) where settled_at is not null;
create trigger undoables_settle_once before update of state on undoables
when old.state != 'waiting'
begin
    select raise(abort, 'it was settled before');
end;
create trigger undoables_let_go after update of state on undoables
when new.state != 'waiting'
begin
    delete from undoable_subjects where undoable_id = new.id;
end;

create table undoable_subjects (
    kind        text not null,
    subject_id  text not null,
    undoable_id text not null references undoables on delete cascade,
    primary key (kind, subject_id)
) strict, without rowid;
create index undoable_subjects_by_undoable on undoable_subjects (undoable_id);

alter table invites add column name text check (length(name) between 1 and 200);
alter table invites add column title text check (length(title) between 1 and 200);

-- People to invite out of a table: what its columns hold, and how far the inviting is. [imports]
create table imports (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    name            text not null check (length(name) between 1 and 200),     -- the file's, or what stands for it
    headed          integer not null check (headed in (0, 1)),                -- its first row says what the columns hold
    columns         text not null check (json_valid(columns)),                -- what each of them holds
    team_id         text references teams on delete set null,                 -- of people whose row names none
    new_teams       text not null default 'create' check (new_teams in ('create', 'leave_out')), -- what becomes of who is to join a team that isn't there
    state           text not null default 'reading' check (state in ('reading', 'draft', 'running', 'stopped', 'done')),
    via             text not null check (via in ('session', 'operator')),     -- by which door it was begun or taken up last
    made_by         text references members on delete set null,               -- and by whom
    rows            integer not null default 0 check (rows >= 0),             -- of people, without the one of headings
    created_at      integer not null,
    touched_at      integer not null                                          -- its last step; some time after that it goes
) strict;
create index imports_by_organization on imports (organization_id, created_at desc, id desc);
create index imports_by_maker on imports (made_by) where made_by is not null;
create index imports_by_team on imports (team_id) where team_id is not null;
create index imports_by_age on imports (touched_at);

-- A row of such a table, and what became of it. [imports]
create table import_rows (
    import_id text not null references imports on delete cascade,
    number    integer not null check (number >= 0),                           -- its place; one of headings is 0
    line      integer not null check (line > 0),                              -- where it begins in the file
    cells     text not null check (json_valid(cells)),
    email     text check (email = lower(trim(email))),                        -- whom it names, once it was worked off
    result    text check (result in ('invited', 'member', 'pending', 'duplicate', 'invalid', 'team', 'credits')), -- null: not worked off yet
    note      text,                                                           -- what else there is to say
    new_team  integer not null default 0 check (new_team in (0, 1)),          -- its team was made for it
    primary key (import_id, number)
) strict, without rowid;
create index import_rows_left on import_rows (import_id, number) where result is null;
create index import_rows_by_email on import_rows (import_id, email) where email is not null;
