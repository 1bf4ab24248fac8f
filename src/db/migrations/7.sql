-- From version 6 to 7: teams have backdrops of their own; the audit log is a chain and says before and after, jobs know whose they
-- are. Frozen once released.
-- What a team's people choose from, where that is not what the organization allows.
alter table teams add column backdrops text not null default '[]' check (json_valid(backdrops));

alter table audit add column before text;
alter table audit add column after text;
alter table audit add column digest blob check (length(digest) = 32);
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

alter table jobs add column organization_id text references organizations on delete set null;
create index jobs_by_organization on jobs (organization_id, state, queue) where organization_id is not null;
