-- From version 7 to 8: what can be undone for some seconds. Frozen once released.
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
