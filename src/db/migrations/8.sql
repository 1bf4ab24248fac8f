-- From version 7 to 8: what can be undone for some seconds; people are imported out of tables, and invites know what they are called;
-- mails in an organization's own words, what leads hear of, and versions of what people agree to; when a favourite was chosen, public
-- pictures keep a look until they are brought up to date, the ground a logo is seen on, and an index for the chart of credits.
-- Frozen once released.
create table undoables (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    member_id       text not null references members on delete cascade,       -- who asked for it
    leads           integer not null check (leads in (0, 1)),                 -- as a lead: then any lead may undo it
    kind            text not null check (kind in (
        'invite', 'accepted', 'link', 'member', 'team', 'backdrop', 'logo', 'question', 'template', 'template_alone', 'endpoint', 'share',
        'photos', 'shoot'
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

-- More kinds of mails.
create table new_mails (
    id              text primary key,
    job_id          text not null unique,
    organization_id text references organizations on delete cascade,
    invite_id       text references invites on delete set null,
    kind            text not null check (kind in (
        'invite', 'reminder', 'access', 'submitted', 'nudge', 'ready', 'failed', 'retry', 'endpoint', 'security', 'deleted',
        'expiring', 'credits', 'favorite', 'test', 'bounced', 'digest'
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

-- Who an organization's mails are from, beside the address, which is the server's. [mail]
create table mail_senders (
    organization_id text primary key references organizations on delete cascade,
    name            text check (length(name) between 1 and 100 and name not glob '*[@<>]*'),
    reply_to        text check (reply_to = lower(trim(reply_to))),
    signature       text not null default '' check (length(signature) <= 500)
) strict, without rowid;

-- The words an organization has for a mail in place of ours. [mail]
create table mail_texts (
    organization_id text not null references organizations on delete cascade,
    letter          text not null check (letter glob '[a-z]*'),
    subject         text not null check (length(subject) between 1 and 150),
    heading         text not null check (length(heading) between 1 and 150),
    body            text not null check (length(body) between 1 and 5000),
    button          text not null check (length(button) <= 60),
    changed_at      integer not null,
    primary key (organization_id, letter)
) strict, without rowid;

-- Something that leads may want to hear of. [notifications]
create table happenings (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    topic           text not null check (topic in ('credits', 'failed', 'endpoint', 'bounced', 'ready', 'favorite')),
    shoot_id        text references shoots on delete cascade,
    endpoint_id     text references webhook_endpoints on delete cascade,
    mail_id         text references mails on delete cascade,
    balance         integer,
    created_at      integer not null,
    check ((topic in ('failed', 'ready', 'favorite')) = (shoot_id is not null)),
    check ((topic = 'endpoint') = (endpoint_id is not null)),
    check ((topic = 'bounced') = (mail_id is not null)),
    check ((topic = 'credits') = (balance is not null))
) strict;
create index happenings_by_organization on happenings (organization_id, created_at);
create index happenings_by_age on happenings (created_at);
create index happenings_by_shoot on happenings (shoot_id) where shoot_id is not null;
create index happenings_by_endpoint on happenings (endpoint_id) where endpoint_id is not null;
create index happenings_by_mail on happenings (mail_id) where mail_id is not null;

-- When a lead wants to hear of what; who chose nothing hears of it as usual. [notifications]
create table notification_choices (
    member_id text not null references members on delete cascade,
    topic     text not null check (topic in ('credits', 'failed', 'endpoint', 'bounced', 'ready', 'favorite')),
    pace      text not null check (pace in ('at-once', 'daily', 'never')),
    primary key (member_id, topic)
) strict, without rowid;

-- Which time the latest daily mail of a lead is about. [notifications]
create table digests (
    member_id text primary key references members on delete cascade,
    since     integer not null,
    until     integer not null check (until >= since)
) strict, without rowid;

-- With how many credits left leads are told; without a row it is as usual. [notifications]
create table credit_alerts (
    organization_id text primary key references organizations on delete cascade,
    threshold       integer not null check (threshold between 0 and 1000000)  -- 0: never
) strict, without rowid;

-- What an organization has its people agree to, in its own words: each change is a version of its own, for ever. [shoots]
create table consent_texts (
    id              integer primary key,
    organization_id text not null references organizations on delete cascade,
    number          integer not null check (number > 0),
    text            text check (length(text) between 1 and 10000),            -- null: from then on our words
    member_id       text references members on delete set null,               -- who wrote it, if a member did
    who             text not null,                                            -- what they were called then
    created_at      integer not null,
    unique (organization_id, number)
) strict;
create index consent_texts_by_writer on consent_texts (member_id) where member_id is not null;
create trigger consent_texts_are_never_changed before update of id, organization_id, number, text, who, created_at on consent_texts
begin
    select raise(abort, 'what people agreed to is never changed');
end;
create trigger consent_texts_stay before delete on consent_texts
when exists (select 1 from organizations where id = old.organization_id)
begin
    select raise(abort, 'what people agreed to is kept');
end;

alter table consents add column text_id integer references consent_texts;
create index consents_by_text on consents (text_id) where text_id is not null;

alter table results add column chosen_at integer;
update results
set chosen_at = (
    select max(created_at) from events where events.shoot_id = results.shoot_id and events.kind = 'favorite_selected'
)
where favorite = 1;

create table pinned_pictures (
    member_id text primary key references members on delete cascade,
    result_id text not null references results on delete cascade,             -- the favourite then; another one is drawn as everyone's
    design    text check (json_valid(design)),                                -- how it is drawn; null: as it is, there was no template
    due       integer not null check (due in (0, 1)),                         -- it is about to be brought up to date
    pinned_at integer not null
) strict, without rowid;
create index pinned_pictures_by_result on pinned_pictures (result_id);

create table picture_rounds (
    organization_id text primary key references organizations on delete cascade,
    pictures    integer not null check (pictures > 0),                        -- to be drawn anew
    done        integer not null default 0 check (done between 0 and pictures),
    begun_at    integer not null,
    finished_at integer,
    check ((finished_at is not null) = (done = pictures))
) strict, without rowid;

alter table organizations add column logo_ground text check (logo_ground in ('light', 'dark'));
-- Until now each stood on white where the page is dark. Whoever uploads theirs again has it looked at.
update organizations set logo_ground = 'light' where logo is not null;

create index ledger_by_time on ledger (organization_id, created_at, kind, amount, balance);
