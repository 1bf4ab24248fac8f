-- From version 7 to 8: mails in an organization's own words, what leads hear of, and versions of what people agree to.
-- Frozen once released.
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
