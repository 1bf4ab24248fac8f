-- From version 3 to 4: every way in and out. Frozen.
alter table organizations add column kind text not null default 'company' check (kind in ('company', 'individual'));
alter table organizations add column two_factor integer not null default 0 check (two_factor in (0, 1));
alter table organizations add column reminders text not null default '[3,7]' check (json_valid(reminders));
alter table organizations add column quiet_from integer not null default 20 check (quiet_from between 0 and 23);
alter table organizations add column quiet_to integer not null default 8 check (quiet_to between 0 and 23);
alter table organizations add column timezone text not null default 'UTC' check (length(timezone) between 1 and 64);

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

-- Before anything refers to it: a way in can be a sign-up now.
create table new_magic_links (
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
    check ((purpose = 'setup') = (email is null)),
    check (purpose != 'invite' or invite_id is not null),
    check ((token_digest is null) = (expires_at is null))
) strict;
insert into new_magic_links (id, purpose, email, invite_id, token_digest, code_digest, tries, created_at, expires_at, code_expires_at, used_at, link_id)
select id, purpose, email, invite_id, token_digest, code_digest, tries, created_at, expires_at, code_expires_at, used_at, link_id from magic_links;
drop table magic_links;
alter table new_magic_links rename to magic_links;
create index magic_links_by_email on magic_links (email, created_at desc);
create index magic_links_by_invite on magic_links (invite_id);
create index magic_links_by_age on magic_links (created_at);

-- Who did what in an organization, for its leads to look up. Rows are added and never changed; they go with their time. [audit]
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
    created_at      integer not null
) strict;
create index audit_by_organization on audit (organization_id, id desc);
create index audit_by_member on audit (member_id) where member_id is not null;
create index audit_by_subject on audit (subject_id) where subject_id is not null;
create index audit_by_age on audit (created_at);

-- That someone agreed to a text before photos were handed in. [shoots]
create table consents (
    id         integer primary key,
    shoot_id   text not null references shoots on delete cascade,
    account_id text references accounts on delete set null,                   -- whose photos they are
    given_by   text references members on delete set null,                    -- who agreed: the person, or a lead for them
    text       text not null,
    version    text not null,                                                 -- the same for the same text
    created_at integer not null
) strict;
create index consents_by_shoot on consents (shoot_id);
create index consents_by_account on consents (account_id) where account_id is not null;
create index consents_by_giver on consents (given_by) where given_by is not null;

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

create table new_sessions (
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
insert into new_sessions (digest, account_id, agent, created_at, seen_at, expires_at, embedded, id, method)
select digest, account_id, agent, created_at, seen_at, expires_at, embedded, 'ses_' || lower(hex(randomblob(12))),
    case embedded when 1 then 'signed_url' else 'link' end
from sessions;
drop table sessions;
alter table new_sessions rename to sessions;
create unique index sessions_by_id on sessions (id);
create index sessions_by_account on sessions (account_id);
create index sessions_by_expiry on sessions (expires_at);
create index sessions_by_connection on sessions (connection_id) where connection_id is not null;
create index sessions_by_joins on sessions (joins) where joins is not null;

create table new_mails (
    id              text primary key,
    job_id          text not null unique,
    organization_id text references organizations on delete cascade,
    invite_id       text references invites on delete set null,
    kind            text not null check (kind in (
        'invite', 'reminder', 'access', 'submitted', 'nudge', 'ready', 'failed', 'retry', 'endpoint', 'security', 'deleted'
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

-- What was agreed to before it was kept apart.
insert into consents (shoot_id, account_id, given_by, text, version, created_at)
select s.id, m.account_id, s.member_id, s.consent, 'before', s.submitted_at
from shoots s left join members m on m.id = s.member_id where s.consent is not null and s.submitted_at is not null;

alter table invites add column reminders integer not null default 0 check (reminders >= 0);
alter table invites add column reminded_at integer;
