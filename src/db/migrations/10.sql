-- From version 9 to 10: shoots are put up for workers on other machines. Frozen once released.
create table work (
    shoot_id    text primary key references shoots on delete cascade,
    handle      text not null unique,
    wanted      text not null check (json_valid(wanted)),
    state       text not null default 'waiting' check (state in ('waiting', 'held', 'done', 'failed')),
    lease       blob unique check (length(lease) = 32),
    worker      text,
    lease_until integer,
    generating  integer not null default 0 check (generating in (0, 1)),
    percent     integer not null default 0 check (percent between 0 and 99),
    losses      integer not null default 0 check (losses >= 0),
    ended       text check (json_valid(ended)),
    offered_at  integer not null,
    check ((state = 'held') = (lease_until is not null)),
    check ((state in ('done', 'failed')) = (ended is not null))
) strict;
create index work_waiting on work (offered_at) where state = 'waiting';
create index work_held on work (lease_until) where state = 'held';

create table workers (
    name    text primary key,
    version text not null,
    at_once integer not null check (at_once > 0),
    seen_at integer not null,
    made    integer not null default 0 check (made >= 0)
) strict;
