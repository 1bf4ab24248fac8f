-- Headroom's database. Times are milliseconds since 1970 in UTC; ids are opaque text. What a comment calls kept, a trigger keeps.
-- Rules that must hold whatever the code does are written here; the module named at each table is the only one that writes it.

-- An organization and what it has decided about itself. [organizations]
create table organizations (
    id              text primary key,
    name            text not null check (length(name) between 1 and 200),
    website         text,
    description     text,
    unlimited       integer not null default 0 check (unlimited in (0, 1)),   -- own hardware: no credit is ever asked for
    whitelabel      integer not null default 0 check (whitelabel in (0, 1)),
    accent          text check (accent glob '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
    credits         integer not null default 0 check (credits >= 0),          -- kept: the sum of its ledger
    pending_invites integer not null default 0 check (pending_invites >= 0),  -- kept: its invites in state pending
    all_invites     integer not null default 0,                               -- kept: its invites in any state
    changes         integer not null default 0,                               -- kept: grows whenever one of its lists would look different
    created_at      integer not null,
    cors_origins    text not null default '[]' check (json_valid(cors_origins)),  -- sites whose scripts may call its API
    embed_origins   text not null default '[]' check (json_valid(embed_origins)), -- sites that may show its members' pages in a frame
    kind            text not null default 'company' check (kind in ('company', 'individual')), -- an individual has no leads: one person, for themselves
    two_factor      integer not null default 0 check (two_factor in (0, 1)),  -- its leads need a second factor
    reminders       text not null default '[3,7]' check (json_valid(reminders)), -- days after an invite; none: no reminders
    quiet_from      integer not null default 20 check (quiet_from between 0 and 23), -- the hour at which automatic mails begin to wait
    quiet_to        integer not null default 8 check (quiet_to between 0 and 23),    -- the same hour twice: no quiet hours
    timezone        text not null default 'UTC' check (length(timezone) between 1 and 64),
    headshots       integer not null default 12 check (headshots between 1 and 40), -- made in a shoot
    remote_agreed   text,                                                     -- the generator elsewhere that its photos may go to
    backdrops       text not null default '[]' check (json_valid(backdrops)), -- those its people choose from; none: all
    results_days    integer check (results_days between 7 and 3650),          -- headshots are kept so long; null: until someone deletes them
    edits           integer not null default 10 check (edits between 0 and 100),          -- that members may make of their own headshots
    lead_edits      integer not null default 10 check (lead_edits between 0 and 100),     -- that leads may make for each member
    avatars         integer not null default 0 check (avatars in (0, 1)),     -- its favourites have public addresses
    logo            text,                                                     -- changes with each logo; null: it has none. Its file is in the storage
    logo_ground     text check (logo_ground in ('light', 'dark')),            -- the only one its logo can be seen on; null: both
    language        text not null default 'en' check (language in ('en', 'de', 'es', 'fr')) -- of mails to people it doesn't know yet
) strict;

-- A division of an organization. [teams]
create table teams (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    name            text not null check (length(name) between 1 and 100),
    created_at      integer not null,
    backdrops       text not null default '[]' check (json_valid(backdrops))  -- those its people choose from; none: what the organization allows
) strict;
create unique index teams_by_name on teams (organization_id, name collate nocase);

-- Someone who can sign in. An address is stored in lower case, so equal means equal. [members]
create table accounts (
    id            text primary key,
    email         text unique check (email = lower(trim(email))),
    name          text check (length(name) between 1 and 200),
    password_hash text,
    created_at    integer not null,
    -- Who looks after it: its person, the leads, or the product that embeds us; the last one's never sign in by an address.
    kind          text not null default 'personal' check (kind in ('personal', 'managed', 'anonymous') and (kind != 'anonymous' or email is null)),
    language      text check (language in ('en', 'de', 'es', 'fr')),         -- the one its person chose; null: as their browser asks for
    browser_language text check (browser_language in ('en', 'de', 'es', 'fr')) -- what their browser asked for when they last signed in
) strict;

-- An account's place in an organization: one place an account, one owner an organization. [members]
create table members (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    account_id      text not null unique references accounts on delete cascade,
    team_id         text references teams on delete set null,
    role            text not null check (role in ('owner', 'admin', 'member')),
    title           text,
    created_at      integer not null,
    contact         text check (contact = lower(trim(contact))),              -- what an anonymous member is known by
    avatar          text                                                      -- what their public picture is found by; nobody guesses it
) strict;
create unique index members_by_avatar on members (avatar) where avatar is not null;
create unique index members_by_contact on members (organization_id, contact) where contact is not null;
create unique index members_one_owner on members (organization_id) where role = 'owner';
create index members_by_organization on members (organization_id, created_at desc, id desc);
create index members_by_team on members (team_id) where team_id is not null;
create trigger members_of_one_are_alone before insert on members
when (select kind from organizations where id = new.organization_id) = 'individual'
    and (new.role != 'member' or exists (select 1 from members where organization_id = new.organization_id))
begin
    select raise(abort, 'someone on their own has no company');
end;
create trigger members_of_one_never_lead before update of role, organization_id on members
when new.role != 'member' and (select kind from organizations where id = new.organization_id) = 'individual'
begin
    select raise(abort, 'someone on their own leads nobody');
end;

-- The credits of an organization, as a book of account: rows are added, never changed. [credits]
create table ledger (
    id              integer primary key,
    organization_id text not null references organizations on delete cascade,
    kind            text not null check (kind in ('grant', 'consume', 'refund', 'adjust')),
    amount          integer not null,
    balance         integer not null check (balance >= 0),                    -- after this row
    reason          text not null,
    shoot_id        text references shoots on delete set null,
    created_at      integer not null,
    check (kind != 'consume' or amount in (-1, 0)),                           -- 0: unlimited credits
    check (kind != 'refund' or amount in (1, 0)),
    check (kind != 'grant' or amount > 0)
) strict;
create index ledger_by_organization on ledger (organization_id, id desc);
create index ledger_by_time on ledger (organization_id, created_at, kind, amount, balance); -- all that a chart needs of it
create unique index ledger_takes_once on ledger (shoot_id) where kind = 'consume';
create unique index ledger_gives_back_once on ledger (shoot_id) where kind = 'refund';
create trigger ledger_adds_up before insert on ledger
when new.balance != new.amount + (select credits from organizations where id = new.organization_id)
begin
    select raise(abort, 'the ledger does not add up');
end;
create trigger ledger_keeps_balance after insert on ledger
begin
    update organizations set credits = new.balance, changes = changes + 1 where id = new.organization_id;
end;
create trigger ledger_is_never_changed before update of id, organization_id, kind, amount, balance, reason, created_at on ledger
begin
    select raise(abort, 'the ledger is append-only');
end;

-- One person's headshots, from the first photo to the last result; the API's model. [shoots]
create table shoots (
    id              text primary key,
    uid             text not null unique,
    organization_id text not null references organizations on delete cascade,
    member_id       text references members on delete set null,
    state           text not null default 'onboarding' references shoot_states,
    gender          text check (gender in ('male', 'female', 'person')),
    development     integer not null default 0 check (development in (0, 1)),
    backdrops       text not null default '[]' check (json_valid(backdrops)),
    consent         text,                                                     -- the text agreed to
    photos          integer not null default 0 check (photos between 0 and 30), -- kept: its photos
    handle          text,                                                     -- what the generator calls it
    progress        integer not null default 0 check (progress between 0 and 100),
    restarts        integer not null default 0 check (restarts between 0 and 3),
    failure         text,                                                     -- why the last try failed, in words
    created_at      integer not null,
    submitted_at    integer,
    stage_at        integer not null,                                         -- since when it is in its state
    finished_at     integer,
    deleted_at      integer,
    granted         integer not null default 0 check (granted in (0, 1)),     -- a retry: costs no credit
    ahead           integer not null default 0 check (ahead >= 0),            -- shoots before it at the generator
    working_at      integer,                                                  -- since when the generator works on it; null while it waits
    expires_at      integer,                                                  -- when its headshots go; null: nobody set a time
    warnings        integer not null default 0 check (warnings between 0 and 2), -- mails that said so
    expired         integer not null default 0 check (expired in (0, 1) and (expired = 0 or state = 'deleted')), -- deleted because its time had come
    check (state in ('onboarding', 'deleted') or (submitted_at is not null and consent is not null)),
    check ((state = 'deleted') = (deleted_at is not null)),
    check (state != 'ready' or finished_at is not null)
) strict;
create index shoots_by_member on shoots (member_id, created_at desc);
create index shoots_by_organization on shoots (organization_id, state);
create index shoots_by_age on shoots (organization_id, created_at desc, id desc);
create index shoots_by_expiry on shoots (expires_at) where expires_at is not null and state = 'ready';
create index shoots_by_end on shoots (finished_at) where state = 'ready';
create index shoots_by_stage on shoots (state, stage_at) where state in ('submitted', 'training', 'generating', 'failed');

-- The states a shoot can be in, and every step it may take. [shoots]
create table shoot_states (state text primary key) strict, without rowid;
insert into shoot_states values
    ('onboarding'), ('submitted'), ('training'), ('generating'), ('failed'), ('ready'), ('deleted');
create table shoot_steps (
    before text not null references shoot_states,
    after  text not null references shoot_states,
    primary key (before, after)
) strict, without rowid;
insert into shoot_steps values
    ('onboarding', 'submitted'), ('submitted', 'training'), ('training', 'generating'), ('generating', 'ready'),
    ('submitted', 'failed'), ('training', 'failed'), ('generating', 'failed'), ('failed', 'submitted'),
    ('onboarding', 'deleted'), ('submitted', 'deleted'), ('training', 'deleted'), ('generating', 'deleted'),
    ('failed', 'deleted'), ('ready', 'deleted');
create trigger shoots_step_legally before update of state on shoots
when new.state != old.state
    and not exists (select 1 from shoot_steps where before = old.state and after = new.state)
begin
    select raise(abort, 'a shoot can not take this step');
end;
create trigger shoots_begin_at_the_beginning before insert on shoots
when new.state != 'onboarding'
begin
    select raise(abort, 'a shoot begins with onboarding');
end;

-- An uploaded picture. Its files are in the storage under its id. [photos]
create table photos (
    id         text primary key,
    shoot_id   text not null references shoots on delete cascade,
    name       text not null,                                                 -- the file's name where it came from, to show
    width      integer not null check (width > 0),
    height     integer not null check (height > 0),
    bytes      integer not null check (bytes > 0),
    digest     blob not null check (length(digest) = 32),                     -- SHA-256 of the uploaded file
    created_at integer not null,
    verdict    text check (verdict in ('fine', 'usable', 'unusable')),        -- null: nobody looked at it
    findings   text not null default '[]' check (json_valid(findings)),       -- what was found, worst first
    score      real,                                                          -- how well it suits; of two, the higher one is used
    likeness   integer,                                                       -- 64 bits that nearly the same photos share
    twin_id    text references photos on delete set null,                     -- an earlier one it is nearly the same as
    allowed    integer not null default 0 check (allowed in (0, 1))           -- a lead wants it used all the same
) strict;
create index photos_by_shoot on photos (shoot_id, created_at, id);
create unique index photos_once_a_shoot on photos (shoot_id, digest);
create index photos_by_twin on photos (twin_id) where twin_id is not null;
create trigger photos_counted_in after insert on photos
begin
    update shoots set photos = photos + 1 where id = new.shoot_id;
end;
create trigger photos_counted_out after delete on photos
begin
    update shoots set photos = photos - 1 where id = old.shoot_id;
end;

-- A person cut out of a photo, to lay them before any backdrop. Its file is in the storage under its id. [results]
create table cutouts (
    id         text primary key,
    shoot_id   text not null references shoots on delete cascade,
    photo_id   text references photos on delete set null,
    head_x     real not null check (head_x between 0 and 1),                  -- the middle of the face, in parts of the width
    head_y     real not null check (head_y between 0 and 1),                  -- and of the height
    created_at integer not null
) strict;
create index cutouts_by_shoot on cutouts (shoot_id);
create index cutouts_by_photo on cutouts (photo_id) where photo_id is not null;

-- A picture of an organization's own to stand behind its people. Its files are in the storage under its id. [styles]
create table backdrops (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    name            text not null check (length(name) between 1 and 60),
    width           integer not null check (width > 0),
    height          integer not null check (height > 0),
    created_at      integer not null
) strict;
create unique index backdrops_by_name on backdrops (organization_id, name collate nocase);

-- A headshot; the API's photo. Its files are in the storage under its id. [results]
create table results (
    id         text primary key,
    shoot_id   text not null references shoots on delete cascade,
    position   integer not null,
    backdrop   text not null,
    width      integer not null check (width > 0),
    height     integer not null check (height > 0),
    liked      text not null default 'none' check (liked in ('none', 'liked', 'loved')),
    favorite   integer not null default 0 check (favorite in (0, 1)),
    created_at integer not null,
    deleted_at integer,                                                       -- its files are gone; the row stays to say so
    cutout_id  text references cutouts on delete set null,                    -- the cut-out it was laid from
    look       text not null default '{}' check (json_valid(look)),           -- how the cut-out was framed and lit for it
    original_id text references results on delete cascade check (original_id != id), -- the headshot it is an edit of
    chosen_at  integer,                                                       -- when it became the favourite, the last time
    unique (shoot_id, position)
) strict;
create index results_by_original on results (original_id) where original_id is not null;
create trigger results_edits_are_of_originals before insert on results
when new.original_id is not null
    and not exists (select 1 from results where id = new.original_id and shoot_id = new.shoot_id and original_id is null)
begin
    select raise(abort, 'an edit is of an original of its shoot');
end;
create index results_by_cutout on results (cutout_id) where cutout_id is not null;
create unique index results_one_favorite on results (shoot_id) where favorite = 1;

-- An edit somebody made of a headshot; it counts also after it was undone. [edits]
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

-- A link that shows headshots to whoever has it, until it ends. [shares]
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

-- A photo that comes in pieces; what is there of it is in a file under its id. [uploads]
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

-- A way for someone who is signed in to go on on their phone: shown as a QR code, good once and for minutes. [auth]
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

-- How an organization's profile pictures look. [profile_pictures]
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

-- A public picture that is not drawn as the first template says now, but as it did when this was written down. [profile_pictures]
create table pinned_pictures (
    member_id text primary key references members on delete cascade,
    result_id text not null references results on delete cascade,             -- the favourite then; another one is drawn as everyone's
    design    text check (json_valid(design)),                                -- how it is drawn; null: as it is, there was no template
    due       integer not null check (due in (0, 1)),                         -- it is about to be brought up to date
    pinned_at integer not null
) strict, without rowid;
create index pinned_pictures_by_result on pinned_pictures (result_id);

-- How far an organization's public pictures are on the way to their new look. [profile_pictures]
create table picture_rounds (
    organization_id text primary key references organizations on delete cascade,
    pictures    integer not null check (pictures > 0),                        -- to be drawn anew
    done        integer not null default 0 check (done between 0 and pictures),
    begun_at    integer not null,
    finished_at integer,
    check ((finished_at is not null) = (done = pictures))
) strict, without rowid;

-- What else an organization asks its people. [fields]
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

-- And what they answered. [fields]
create table custom_values (
    member_id text not null references members on delete cascade,
    field_id  text not null references custom_fields on delete cascade,
    value     text not null check (length(value) <= 1000),
    primary key (member_id, field_id)
) strict, without rowid;
create index custom_values_by_field on custom_values (field_id);

-- A personal invite. It stays after it was used or revoked, so that lists can tell. [invites]
create table invites (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    team_id         text references teams on delete set null,
    email           text not null check (email = lower(trim(email))),
    state           text not null default 'pending' check (state in ('pending', 'expired', 'accepted', 'revoked')),
    invited_by      text references members on delete set null,
    member_id       text references members on delete set null,
    shoot_id        text references shoots on delete set null,
    created_at      integer not null,
    expires_at      integer not null,
    accepted_at     integer,
    revoked_at      integer,
    reminders       integer not null default 0 check (reminders >= 0),        -- sent so far
    reminded_at     integer,                                                  -- the last one, by hand or by schedule
    name            text check (length(name) between 1 and 200),              -- what they are called, until they say it themselves
    title           text check (length(title) between 1 and 200),             -- their job title, once they join
    check ((state = 'revoked') = (revoked_at is not null)),
    check (state != 'accepted' or accepted_at is not null)
) strict;
create index invites_by_organization on invites (organization_id, created_at desc, id desc);
create index invites_by_email on invites (email, created_at desc);
-- Most invites have none of these; an index that holds the nulls looks useless to the query planner once it has counted.
create index invites_by_member on invites (member_id) where member_id is not null;
create index invites_by_shoot on invites (shoot_id) where shoot_id is not null;
create index invites_by_team on invites (team_id) where team_id is not null;
create unique index invites_one_pending on invites (organization_id, email) where state = 'pending';
create index invites_pending_by_expiry on invites (organization_id, expires_at) where state = 'pending';
create trigger invites_counted_in after insert on invites
begin
    update organizations
    set all_invites = all_invites + 1, pending_invites = pending_invites + (new.state = 'pending'), changes = changes + 1
    where id = new.organization_id;
end;
create trigger invites_recounted after update on invites
begin
    update organizations
    set pending_invites = pending_invites + (new.state = 'pending') - (old.state = 'pending'), changes = changes + 1
    where id = new.organization_id;
end;
create trigger invites_counted_out after delete on invites
begin
    update organizations
    set all_invites = all_invites - 1, pending_invites = pending_invites - (old.state = 'pending'), changes = changes + 1
    where id = old.organization_id;
end;

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

-- An open invite link: whoever has it, and an address of a domain it names, may join. [links]
create table links (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    team_id         text references teams on delete set null,
    domains         text not null default '[]' check (json_valid(domains)),   -- none: any
    usage_limit     integer check (usage_limit > 0),
    uses            integer not null default 0 check (uses <= usage_limit),   -- kept: who joined by it, also those who left again
    created_by      text references members on delete set null,
    created_at      integer not null,
    expires_at      integer,
    revoked_at      integer
) strict;
create index links_by_organization on links (organization_id, created_at desc, id desc);
create index links_by_team on links (team_id) where team_id is not null;

-- Someone joined by an open link. [links]
create table link_uses (
    id         integer primary key,
    link_id    text not null references links on delete cascade,
    member_id  text references members on delete set null,
    created_at integer not null
) strict;
create index link_uses_by_link on link_uses (link_id, id desc);
create unique index link_uses_once on link_uses (member_id, link_id) where member_id is not null;
create trigger link_uses_counted after insert on link_uses
begin
    update links set uses = uses + 1 where id = new.link_id;
end;
create trigger links_admit_no_more before insert on link_uses
when exists (select 1 from links where id = new.link_id and (revoked_at is not null or expires_at <= new.created_at))
begin
    select raise(abort, 'the link is closed');
end;

-- What else the lists of an organization show.
create trigger organizations_changed after update of name, website, description on organizations
begin
    update organizations set changes = changes + 1 where id = new.id;
end;
create trigger teams_added after insert on teams
begin
    update organizations set changes = changes + 1 where id = new.organization_id;
end;
create trigger teams_changed after update on teams
begin
    update organizations set changes = changes + 1 where id = new.organization_id;
end;
create trigger teams_removed after delete on teams
begin
    update organizations set changes = changes + 1 where id = old.organization_id;
end;
create trigger members_added after insert on members
begin
    update organizations set changes = changes + 1 where id = new.organization_id;
end;
create trigger members_changed after update on members
begin
    update organizations set changes = changes + 1 where id = new.organization_id;
end;
create trigger members_removed after delete on members
begin
    update organizations set changes = changes + 1 where id = old.organization_id;
end;
create trigger accounts_changed after update of email, name on accounts
begin
    update organizations set changes = changes + 1
    where id in (select organization_id from members where account_id = new.id);
end;
create trigger shoots_added after insert on shoots
begin
    update organizations set changes = changes + 1 where id = new.organization_id;
end;
create trigger shoots_changed after update of state, photos, member_id on shoots
begin
    update organizations set changes = changes + 1 where id = new.organization_id;
end;

-- Members as lists show them: with their account, their team and how far their latest shoot is.
create view people as
select m.id, m.organization_id, m.account_id, m.team_id, m.role, m.title, m.created_at, a.kind, coalesce(a.email, m.contact) as email, a.name,
    t.name as team_name, s.id as shoot_id, s.state as shoot_state, s.photos as shoot_photos, s.failure,
    case
        when s.id is null and m.role != 'member' then 'lead'
        when s.id is null then 'joined'
        when s.state = 'onboarding' and s.photos = 0 then 'joined'
        when s.state = 'onboarding' then 'uploading'
        when s.state = 'ready' then 'finished'
        when s.state = 'deleted' then 'deleted'
        when s.state = 'failed' and s.restarts = 3 then 'failed'
        else 'generating'
    end as stage
from members m
join accounts a on a.id = m.account_id
left join teams t on t.id = m.team_id
left join shoots s on s.id = (select id from shoots where member_id = m.id order by created_at desc, id desc limit 1);

-- A way in by mail: asked for, then sent, then used once. Tokens and codes are kept as digests only. [auth]
create table magic_links (
    id              text primary key,
    purpose         text not null check (purpose in ('setup', 'invite', 'access', 'signup')),
    email           text check (email = lower(trim(email))),                  -- whom it is sent to
    invite_id       text references invites on delete cascade,
    token_digest    blob unique check (length(token_digest) = 32),
    code_digest     blob check (length(code_digest) = 32),
    tries           integer not null default 0 check (tries between 0 and 5), -- wrong codes so far
    created_at      integer not null,
    expires_at      integer,
    code_expires_at integer,
    used_at         integer,
    link_id         text references links on delete cascade,                  -- the open link it joins by
    language        text check (language in ('en', 'de', 'es', 'fr')),        -- what the browser asked for in which it was asked for
    check ((purpose = 'setup') = (email is null)),
    check (purpose != 'invite' or invite_id is not null),
    check ((token_digest is null) = (expires_at is null))
) strict;
create index magic_links_by_email on magic_links (email, created_at desc);
create index magic_links_by_invite on magic_links (invite_id);
create index magic_links_by_age on magic_links (created_at);

-- A signed-in browser. The cookie is kept as a digest only. [auth]
create table sessions (
    digest        blob primary key check (length(digest) = 32),
    account_id    text not null references accounts on delete cascade,
    agent         text,
    created_at    integer not null,
    seen_at       integer not null,
    expires_at    integer not null,
    embedded      integer not null default 0 check (embedded in (0, 1)),      -- inside another product's page
    id            text not null,                                              -- what its person calls it by
    method        text not null check (method in ('setup', 'link', 'code', 'password', 'passkey', 'sso', 'signed_url')),
    address       text,                                                       -- where it was begun from
    second_due    integer not null default 0 check (second_due in (0, 1)),    -- good for nothing yet but showing the second factor
    connection_id text references connections on delete cascade,              -- whose provider vouched for it
    joins         text references magic_links on delete set null,             -- the way in that waits until its account is converted, or the second factor shown
    tries         integer not null default 0 check (tries between 0 and 5),   -- wrong second factors so far
    check ((method = 'sso') = (connection_id is not null))
) strict, without rowid;
create unique index sessions_by_id on sessions (id);
create index sessions_by_account on sessions (account_id);
create index sessions_by_expiry on sessions (expires_at);
create index sessions_by_connection on sessions (connection_id) where connection_id is not null;
create index sessions_by_joins on sessions (joins) where joins is not null;

-- A key to the API; belongs to exactly one organization. [auth] [004]
create table api_keys (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    name            text not null check (length(name) between 1 and 100),
    digest          blob not null check (length(digest) = 32),
    scopes          text not null,
    created_by      text references members on delete set null,
    created_at      integer not null,
    expires_at      integer,
    last_used_at    integer
) strict;
create index api_keys_by_organization on api_keys (organization_id, created_at desc);

-- A signed URL, which opens an anonymous member's pages for a day. Kept as a digest only. [auth] [004]
create table signed_urls (
    digest     blob primary key check (length(digest) = 32),
    member_id  text not null references members on delete cascade,
    created_at integer not null,
    expires_at integer not null
) strict, without rowid;
create index signed_urls_by_member on signed_urls (member_id);
create index signed_urls_by_expiry on signed_urls (expires_at);

-- A request that was answered, so that it can be answered the same again. [idempotency]
create table idempotency (
    organization_id text not null references organizations on delete cascade,
    key             text not null check (length(key) between 1 and 255),
    fingerprint     blob not null check (length(fingerprint) = 32),           -- of method, address and body
    reply           blob not null,                                            -- sealed: it may hold a signed URL
    created_at      integer not null,
    primary key (organization_id, key)
) strict, without rowid;
create index idempotency_by_age on idempotency (created_at);

-- Where an organization wants to hear of events; its oldest is "the webhook URL". [webhooks] [004]
create table webhook_endpoints (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    url             text not null check (length(url) between 1 and 2000),
    events          text not null default '[]' check (json_valid(events)),    -- none: all
    secret          blob not null,                                            -- sealed
    created_at      integer not null,
    old_secret      blob,                                                     -- sealed; signs beside the new one for a while
    old_until       integer,
    failing_since   integer,                                                  -- the first failure after the last success
    disabled_at     integer,
    disabled_why    text check (disabled_why is null or (disabled_why in ('failures', 'gone', 'lead') and disabled_at is not null))
) strict;
create index webhook_endpoints_by_organization on webhook_endpoints (organization_id, created_at, id);

-- An event on its way to an endpoint. Those of one model wait for each other. [webhooks]
create table deliveries (
    id          text primary key,
    endpoint_id text not null references webhook_endpoints on delete cascade,
    host        text not null,                                                -- of the endpoint: nobody waits for another host
    event_id    text not null,
    event       text not null,                                                -- its name in the API
    shoot_id    text references shoots on delete set null,
    place       integer not null,                                             -- in the order of its model's events
    body        text,                                                         -- gone with its model, once it is over
    state       text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
    attempts    integer not null default 0 check (attempts >= 0),             -- in this round: a replay begins a new one
    next_at     integer,
    created_at  integer not null,
    finished_at integer,
    check ((state = 'waiting') = (next_at is not null)),
    check ((state = 'waiting') = (finished_at is null)),
    check (state != 'waiting' or body is not null)
) strict;
create unique index deliveries_once on deliveries (endpoint_id, event_id);
create index deliveries_due on deliveries (host, next_at) where state = 'waiting';
create index deliveries_in_order on deliveries (endpoint_id, shoot_id, place) where state = 'waiting';
create index deliveries_by_endpoint on deliveries (endpoint_id, created_at desc, id desc);
create index deliveries_by_shoot on deliveries (shoot_id) where shoot_id is not null;
create index deliveries_by_age on deliveries (created_at);

-- One try to deliver: what was sent, what came back. [webhooks]
create table delivery_attempts (
    id          integer primary key,
    delivery_id text not null references deliveries on delete cascade,
    headers     text not null check (json_valid(headers)),                    -- as sent
    status      integer,                                                      -- of the answer, if there was one
    trouble     text,                                                         -- why there was none
    reply       blob check (length(reply) <= 4096),
    took        integer not null check (took >= 0),                           -- milliseconds
    created_at  integer not null,
    check ((status is null) = (trouble is not null))
) strict;
create index delivery_attempts_by_delivery on delivery_attempts (delivery_id, id);

-- What happened to a shoot, in order: for the activity list and for whoever is to be told. [events]
create table events (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    shoot_id        text not null references shoots on delete cascade,
    kind            text not null check (kind in ('created', 'moved', 'deleted', 'photos_ready', 'favorite_selected')),
    state           text not null references shoot_states,                    -- the shoot's, just after
    created_at      integer not null,
    title           text,                                                     -- what the shoot was called then; gone with it
    gender          text,
    told            integer not null default 1 check (told in (0, 1)),        -- deliveries are made of it
    place           integer not null default 0                                -- in the order of its shoot's events
) strict;
create index events_by_organization on events (organization_id, created_at desc);
create index events_by_shoot on events (shoot_id, created_at);
create index events_untold on events (shoot_id, place) where told = 0;

-- A mail: one row a job, however often the job runs. Bodies hold sign-in links, so a delivered mail keeps none. [mail]
create table mails (
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
create index mails_by_age on mails (created_at desc, id desc);
create index mails_by_organization on mails (organization_id, created_at desc);
create index mails_by_invite on mails (invite_id, created_at desc);
create index mails_in_trouble on mails (organization_id, created_at desc) where state in ('refused', 'deferred');

-- Who did what in an organization, for its leads to look up. Rows are added and never changed; they go with their time, the oldest
-- first. Each holds a digest of itself and of the row before it, so that a change, or a row that is missing, shows. [audit]
create table audit (
    id              integer primary key,
    organization_id text not null references organizations on delete cascade,
    via             text not null check (via in ('session', 'key', 'operator', 'server')),
    member_id       text references members on delete set null,               -- who, if a member did it
    who             text not null,                                            -- what they were called then
    action          text not null check (action glob '[a-z]*.[a-z]*'),
    subject_id      text references members on delete set null,               -- to whom, if to a member
    subject         text,                                                     -- what it was done to, as it was called then
    detail          text,
    created_at      integer not null,
    before          text,                                                     -- what was so until then, in words; never a secret
    after           text,                                                     -- and from then on
    digest          blob check (length(digest) = 32)                          -- null: older than the chain
) strict;
create index audit_by_organization on audit (organization_id, id desc);
create index audit_by_member on audit (member_id) where member_id is not null;
create index audit_by_subject on audit (subject_id) where subject_id is not null;
create index audit_by_age on audit (created_at);
create trigger audit_is_never_changed
before update of id, organization_id, via, who, action, subject, detail, created_at, before, after, digest on audit
begin
    select raise(abort, 'the audit log is append-only');
end;
create trigger audit_only_forgets_who_left before update of member_id, subject_id on audit
when (new.member_id is not null and new.member_id is not old.member_id)
    or (new.subject_id is not null and new.subject_id is not old.subject_id)
begin
    select raise(abort, 'the audit log is append-only');
end;

-- Where the chain of an organization's audit log begins and ends, so that it can be told what went with its time from what was
-- taken out; and what the last look at all of it found. [audit]
create table audit_anchors (
    organization_id text primary key references organizations on delete cascade,
    gone            integer not null check (gone >= 0),                       -- the last row that went; those up to it are not in the chain
    gone_digest     blob not null check (length(gone_digest) = 32),           -- its digest, or what the chain of a new log begins with
    head            integer not null check (head >= gone),                    -- the newest row
    head_digest     blob not null check (length(head_digest) = 32),
    checked_at      integer,
    trouble         text check (trouble is null or checked_at is not null)    -- what the last look found; null: the chain held
) strict, without rowid;
create index audit_anchors_by_check on audit_anchors (checked_at);
create index audit_anchors_in_trouble on audit_anchors (checked_at) where trouble is not null;

-- That someone agreed to a text before photos were handed in. [shoots]
create table consents (
    id         integer primary key,
    shoot_id   text not null references shoots on delete cascade,
    account_id text references accounts on delete set null,                   -- whose photos they are
    given_by   text references members on delete set null,                    -- who agreed: the person, or a lead for them
    text       text not null,
    version    text not null,                                                 -- the same for the same text
    created_at integer not null,
    text_id    integer references consent_texts                               -- the organization's words that it holds; null: ours
) strict;
create index consents_by_shoot on consents (shoot_id);
create index consents_by_account on consents (account_id) where account_id is not null;
create index consents_by_giver on consents (given_by) where given_by is not null;
create index consents_by_text on consents (text_id) where text_id is not null;

-- The proof of a deletion: what went, who wished it, and when the last file was gone. [receipts]
create table receipts (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    shoot_id        text not null references shoots on delete cascade,
    account_id      text references accounts on delete set null,              -- whose it was
    email           text check (email = lower(trim(email))),                  -- who is told, until they were
    what            text not null check (what in ('photos', 'shoot')),        -- the uploaded photos alone, or all of it
    asked_by        text not null check (asked_by in ('person', 'lead', 'program', 'operator', 'server')),
    photos          integer not null check (photos >= 0),
    headshots       integer not null check (headshots >= 0),
    asked_at        integer not null,
    purged_at       integer                                                   -- every file was looked for, and is gone
) strict;
create index receipts_by_organization on receipts (organization_id, asked_at desc);
create index receipts_by_shoot on receipts (shoot_id);
create index receipts_by_account on receipts (account_id) where account_id is not null;

-- A passkey of an account. [auth]
create table passkeys (
    id            text primary key,
    account_id    text not null references accounts on delete cascade,
    credential_id blob not null unique,
    credential    text not null check (json_valid(credential)),
    name          text not null check (length(name) between 1 and 100),
    created_at    integer not null,
    used_at       integer
) strict;
create index passkeys_by_account on passkeys (account_id, created_at);

-- The app that shows an account's one-time codes. [auth]
create table authenticators (
    account_id   text primary key references accounts on delete cascade,
    secret       blob not null,                                               -- sealed
    created_at   integer not null,
    confirmed_at integer,                                                     -- not in force before
    last_step    integer not null default 0                                   -- a code is good once
) strict, without rowid;

-- What gets an account in when its second factor is lost; each works once. [auth]
create table recovery_codes (
    account_id text not null references accounts on delete cascade,
    digest     blob not null check (length(digest) = 32),
    used_at    integer,
    primary key (account_id, digest)
) strict, without rowid;

-- A passkey that is being made or asked for: what the browser's answer is checked against. [auth]
create table ceremonies (
    digest     blob primary key check (length(digest) = 32),
    account_id text references accounts on delete cascade,                    -- nobody's: whoever the passkey is of
    state      text not null check (json_valid(state)),
    expires_at integer not null
) strict, without rowid;
create index ceremonies_by_account on ceremonies (account_id) where account_id is not null;
create index ceremonies_by_expiry on ceremonies (expires_at);

-- A browser an account has signed in on before: another one is told of. [auth]
create table devices (
    account_id text not null references accounts on delete cascade,
    digest     blob not null check (length(digest) = 32),
    created_at integer not null,
    seen_at    integer not null,
    primary key (account_id, digest)
) strict, without rowid;
create index devices_by_age on devices (seen_at);

-- Something about an account that its person must hear of by mail. [auth]
create table notices (
    id         text primary key,
    account_id text not null references accounts on delete cascade,
    kind       text not null check (kind glob '[a-z]*'),
    detail     text,
    created_at integer not null
) strict;
create index notices_by_account on notices (account_id, created_at desc);
create index notices_by_age on notices (created_at);

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

-- An organization's identity provider. [connections]
create table connections (
    id              text primary key,
    organization_id text not null unique references organizations on delete cascade,
    issuer          text not null check (length(issuer) between 1 and 500),
    client_id       text not null check (length(client_id) between 1 and 500),
    client_secret   blob,                                                     -- sealed
    provisioning    integer not null default 0 check (provisioning in (0, 1)), -- who comes from a proven domain joins without an invite
    enforced        integer not null default 0 check (enforced in (0, 1)),    -- the only way in for proven domains; the owner keeps the others
    created_at      integer not null,
    tested_at       integer,                                                  -- the last sign-in by it that went well
    check (enforced = 0 or tested_at is not null)
) strict;

-- A mail domain an organization says is its own; proven, it is its own alone. [connections]
create table domains (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    name            text not null check (name = lower(trim(name)) and length(name) between 3 and 253),
    token           text not null,                                            -- to be found in its DNS
    created_at      integer not null,
    proven_at       integer,
    proven_by       text check (proven_by is null or proven_by in ('dns', 'operator')),
    checked_at      integer,
    trouble         text,                                                     -- what the last look at its DNS found instead
    unique (organization_id, name),
    check ((proven_at is null) = (proven_by is null))
) strict;
create unique index domains_proven_once on domains (name) where proven_at is not null;

-- Who someone is at an identity provider. Never their address. [auth]
create table identities (
    connection_id text not null references connections on delete cascade,
    issuer        text not null,
    subject       text not null check (length(subject) between 1 and 255),
    account_id    text not null references accounts on delete cascade,
    created_at    integer not null,
    primary key (connection_id, issuer, subject)
) strict, without rowid;
create index identities_by_account on identities (account_id);

-- Someone is at their identity provider and should be back soon. [auth]
create table sso_attempts (
    digest        blob primary key check (length(digest) = 32),               -- of the state
    connection_id text not null references connections on delete cascade,
    browser       blob not null check (length(browser) = 32),                 -- digest of a cookie: it has to be the same browser
    secrets       blob not null,                                              -- sealed: the nonce and the verifier
    tested_by     text references members on delete cascade,                  -- a lead who only tries it
    joins         text references magic_links on delete set null,             -- the invite or open link they came by
    expires_at    integer not null
) strict, without rowid;
create index sso_attempts_by_connection on sso_attempts (connection_id);
create index sso_attempts_by_tester on sso_attempts (tested_by) where tested_by is not null;
create index sso_attempts_by_joins on sso_attempts (joins) where joins is not null;
create index sso_attempts_by_expiry on sso_attempts (expires_at);

-- Work to be done, committed together with its cause. A run holds a lease; whoever lost it can't end the job. [queue]
create table jobs (
    id           text primary key,
    queue        text not null check (queue in ('mail', 'webhooks', 'shoots', 'housekeeping')),
    payload      text not null check (json_valid(payload)),
    state        text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'parked')),
    priority     integer not null default 0 check (priority in (0, 1)),       -- 1: someone waits in front of a screen
    attempts     integer not null default 0 check (attempts >= 0),            -- begun so far, counted when claimed
    max_attempts integer not null check (max_attempts > 0),
    run_at       integer not null,
    unique_key   text,                                                        -- at most one waiting or running job a key
    worker       text,                                                        -- the start of a server that runs it
    lease_until  integer,
    last_error   text,                                                        -- of the last attempt that failed; done: why nothing came of it
    created_at   integer not null,
    claimed_at   integer,
    finished_at  integer,
    organization_id text references organizations on delete set null,         -- whose work it is; null: everyone's, or whose is not known
    check ((state = 'running') = (worker is not null and lease_until is not null)),
    check ((state in ('done', 'parked')) = (finished_at is not null))
) strict;
create index jobs_due on jobs (queue, priority, run_at) where state = 'waiting';
create index jobs_leased on jobs (lease_until, queue) where state = 'running';
create index jobs_done on jobs (finished_at, queue) where state = 'done';
create index jobs_parked on jobs (finished_at, queue) where state = 'parked';
create index jobs_by_organization on jobs (organization_id, state, queue) where organization_id is not null;
create unique index jobs_unique on jobs (queue, unique_key) where state in ('waiting', 'running');

-- A shoot that is put up for whoever makes headshots: this server, and workers on other machines. Whoever holds it has a lease, which
-- they renew; whoever lost theirs changes nothing any more. [workers]
create table work (
    shoot_id    text primary key references shoots on delete cascade,
    handle      text not null unique,                                         -- what this try is called
    wanted      text not null check (json_valid(wanted)),                     -- what is to be made, and out of what
    state       text not null default 'waiting' check (state in ('waiting', 'held', 'done', 'failed')),
    lease       blob unique check (length(lease) = 32),                       -- the digest of what its holder proves to be the holder by
    worker      text,                                                         -- who holds it or did last; null: this server
    lease_until integer,
    generating  integer not null default 0 check (generating in (0, 1)),      -- 0: the photos are studied
    percent     integer not null default 0 check (percent between 0 and 99),  -- of that
    losses      integer not null default 0 check (losses >= 0),               -- holders that were not heard of any more
    ended       text check (json_valid(ended)),                               -- what came of it
    offered_at  integer not null,
    check ((state = 'held') = (lease_until is not null)),
    check ((state in ('done', 'failed')) = (ended is not null))
) strict;
create index work_waiting on work (offered_at) where state = 'waiting';
create index work_held on work (lease_until) where state = 'held';

-- A worker on another machine, as it was last heard of. [workers]
create table workers (
    name    text primary key,
    version text not null,                                                    -- of Headroom
    at_once integer not null check (at_once > 0),                             -- shoots it makes at the same time
    seen_at integer not null,
    made    integer not null default 0 check (made >= 0)                      -- shoots it has made
) strict;

-- Written by health checks, to prove that writing works. [db]
create table pulse (beats integer not null) strict;
insert into pulse values (0);

-- Something that is asked for on a page and takes away for good: nothing of it has happened before its seconds are over, and until
-- then it can be undone. [undo]
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

-- What it is about, as long as it waits: each thing once, however often it is asked for. [undo]
create table undoable_subjects (
    kind        text not null,
    subject_id  text not null,
    undoable_id text not null references undoables on delete cascade,
    primary key (kind, subject_id)
) strict, without rowid;
create index undoable_subjects_by_undoable on undoable_subjects (undoable_id);
