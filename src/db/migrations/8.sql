-- From version 7 to 8: when a favourite was chosen, public pictures keep a look until they are brought up to date, the ground a logo
-- is seen on, and an index for the chart of credits. Frozen once released.
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
