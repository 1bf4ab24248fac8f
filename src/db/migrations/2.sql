-- From version 1 to 2: open links, whitelabel, repeatable requests, webhook endpoints. Frozen.
alter table organizations add column cors_origins text not null default '[]' check (json_valid(cors_origins));
alter table organizations add column embed_origins text not null default '[]' check (json_valid(embed_origins));
alter table accounts add column
    kind text not null default 'personal' check (kind in ('personal', 'managed', 'anonymous') and (kind != 'anonymous' or email is null));
alter table members add column contact text check (contact = lower(trim(contact)));
create unique index members_by_contact on members (organization_id, contact) where contact is not null;
alter table shoots add column granted integer not null default 0 check (granted in (0, 1));
create index shoots_by_age on shoots (organization_id, created_at desc, id desc);
alter table results add column deleted_at integer;
alter table sessions add column embedded integer not null default 0 check (embedded in (0, 1));

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

alter table magic_links add column link_id text references links on delete cascade;

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
    created_at      integer not null
) strict;
create index webhook_endpoints_by_organization on webhook_endpoints (organization_id, created_at, id);

drop view people;
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
