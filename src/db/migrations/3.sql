-- From version 2 to 3: webhooks are delivered. Frozen.
alter table webhook_endpoints add column old_secret blob;
alter table webhook_endpoints add column old_until integer;
alter table webhook_endpoints add column failing_since integer;
alter table webhook_endpoints add column disabled_at integer;
alter table webhook_endpoints add column
    disabled_why text check (disabled_why is null or (disabled_why in ('failures', 'gone', 'lead') and disabled_at is not null));

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

alter table events add column title text;
alter table events add column gender text;
alter table events add column told integer not null default 1 check (told in (0, 1));
alter table events add column place integer not null default 0;
create index events_untold on events (shoot_id, place) where told = 0;

create table new_mails (
    id              text primary key,
    job_id          text not null unique,
    organization_id text references organizations on delete cascade,
    invite_id       text references invites on delete set null,
    kind            text not null check (kind in ('invite', 'access', 'submitted', 'ready', 'failed', 'endpoint')),
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

create table new_jobs (
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
    last_error   text,
    created_at   integer not null,
    claimed_at   integer,
    finished_at  integer,
    check ((state = 'running') = (worker is not null and lease_until is not null)),
    check ((state in ('done', 'parked')) = (finished_at is not null))
) strict;
insert into new_jobs (id, queue, payload, state, priority, attempts, max_attempts, run_at, unique_key, worker, lease_until, last_error, created_at, claimed_at, finished_at)
select id, queue, payload, state, priority, attempts, max_attempts, run_at, unique_key, worker, lease_until, last_error, created_at, claimed_at, finished_at from jobs;
drop table jobs;
alter table new_jobs rename to jobs;
create index jobs_due on jobs (queue, priority, run_at) where state = 'waiting';
create index jobs_leased on jobs (lease_until, queue) where state = 'running';
create index jobs_done on jobs (finished_at, queue) where state = 'done';
create index jobs_parked on jobs (finished_at, queue) where state = 'parked';
create unique index jobs_unique on jobs (queue, unique_key) where state in ('waiting', 'running');
