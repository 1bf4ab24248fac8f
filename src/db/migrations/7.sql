-- What a team's people choose from, where that is not what the organization allows.
alter table teams add column backdrops text not null default '[]' check (json_valid(backdrops));
