-- From version 4 to 5: headshots that are made here. Frozen once released.
alter table organizations add column headshots integer not null default 12 check (headshots between 1 and 40);
alter table organizations add column remote_agreed text;

alter table shoots add column ahead integer not null default 0 check (ahead >= 0);
alter table shoots add column working_at integer;

alter table photos add column verdict text check (verdict in ('fine', 'usable', 'unusable'));
alter table photos add column findings text not null default '[]' check (json_valid(findings));
alter table photos add column score real;
alter table photos add column likeness integer;
alter table photos add column twin_id text references photos on delete set null;
alter table photos add column allowed integer not null default 0 check (allowed in (0, 1));
create index photos_by_twin on photos (twin_id) where twin_id is not null;

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

create table backdrops (
    id              text primary key,
    organization_id text not null references organizations on delete cascade,
    name            text not null check (length(name) between 1 and 60),
    width           integer not null check (width > 0),
    height          integer not null check (height > 0),
    created_at      integer not null
) strict;
create unique index backdrops_by_name on backdrops (organization_id, name collate nocase);

alter table results add column cutout_id text references cutouts on delete set null;
alter table results add column look text not null default '{}' check (json_valid(look));
create index results_by_cutout on results (cutout_id) where cutout_id is not null;
