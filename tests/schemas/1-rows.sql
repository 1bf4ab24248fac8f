-- Rows in every table of version 1, as a small company leaves them behind: someone of each kind, a shoot at each end, work under way.
insert into organizations (id, name, website, description, accent, whitelabel, created_at) values
    ('org_018c2a3b4c5d0000000000a1', 'Acme', 'https://acme.test', 'Anvils', '#2f6f5e', 1, 1700000000000),
    ('org_018c2a3b4c5d0000000000a2', 'Globex', null, null, null, 0, 1700000000001);
insert into teams (id, organization_id, name, created_at) values
    ('team_018c2a3b4c5d0000000000b1', 'org_018c2a3b4c5d0000000000a1', 'Design', 1700000001000);
insert into accounts (id, email, name, password_hash, created_at) values
    ('018c2a3b4c5d0000000000c1', 'ada@acme.test', 'Ada Løvelace', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$q83vASNFZ4k', 1700000002000),
    ('018c2a3b4c5d0000000000c2', 'kim@acme.test', 'Kim "the pen" O''Hara', null, 1700000002001),
    ('018c2a3b4c5d0000000000c3', null, null, null, 1700000002002),
    ('018c2a3b4c5d0000000000c4', 'hank@globex.test', 'Hank', null, 1700000002003);
insert into members (id, organization_id, account_id, team_id, role, title, created_at) values
    ('018c2a3b4c5d0000000000d1', 'org_018c2a3b4c5d0000000000a1', '018c2a3b4c5d0000000000c1', null, 'owner', 'Founder', 1700000003000),
    ('018c2a3b4c5d0000000000d2', 'org_018c2a3b4c5d0000000000a1', '018c2a3b4c5d0000000000c2', 'team_018c2a3b4c5d0000000000b1', 'member', null, 1700000003001),
    ('018c2a3b4c5d0000000000d3', 'org_018c2a3b4c5d0000000000a1', '018c2a3b4c5d0000000000c3', null, 'member', null, 1700000003002),
    ('018c2a3b4c5d0000000000d4', 'org_018c2a3b4c5d0000000000a2', '018c2a3b4c5d0000000000c4', null, 'owner', null, 1700000003003);
insert into shoots (id, uid, organization_id, member_id, gender, backdrops, development, created_at, stage_at) values
    ('018c2a3b4c5d0000000000e1', 'anon_018c2a3b4c5d000000000e01', 'org_018c2a3b4c5d0000000000a1', '018c2a3b4c5d0000000000d2', 'person', '["navy","office"]', 0, 1700000004000, 1700000004000),
    ('018c2a3b4c5d0000000000e2', 'anon_018c2a3b4c5d000000000e02', 'org_018c2a3b4c5d0000000000a1', '018c2a3b4c5d0000000000d3', null, '[]', 1, 1700000004001, 1700000004001),
    ('018c2a3b4c5d0000000000e3', 'anon_018c2a3b4c5d000000000e03', 'org_018c2a3b4c5d0000000000a1', null, 'male', '["grey"]', 0, 1700000004002, 1700000004002);
insert into photos (id, shoot_id, name, width, height, bytes, digest, created_at) values
    ('018c2a3b4c5d0000000000f1', '018c2a3b4c5d0000000000e1', 'IMG_0001.HEIC', 3024, 4032, 1800000, randomblob(32), 1700000005000),
    ('018c2a3b4c5d0000000000f2', '018c2a3b4c5d0000000000e1', 'über uns.jpg', 1200, 1600, 400000, randomblob(32), 1700000005001),
    ('018c2a3b4c5d0000000000f3', '018c2a3b4c5d0000000000e2', 'sample.png', 800, 800, 90000, randomblob(32), 1700000005002);
insert into ledger (organization_id, kind, amount, balance, reason, shoot_id, created_at) values
    ('org_018c2a3b4c5d0000000000a1', 'grant', 25, 25, 'A beginning', null, 1700000006000);
insert into ledger (organization_id, kind, amount, balance, reason, shoot_id, created_at) values
    ('org_018c2a3b4c5d0000000000a1', 'consume', -1, 24, 'Kim''s headshots', '018c2a3b4c5d0000000000e1', 1700000006001);
insert into ledger (organization_id, kind, amount, balance, reason, shoot_id, created_at) values
    ('org_018c2a3b4c5d0000000000a1', 'consume', -1, 23, 'Headshots', '018c2a3b4c5d0000000000e3', 1700000006002);
insert into ledger (organization_id, kind, amount, balance, reason, shoot_id, created_at) values
    ('org_018c2a3b4c5d0000000000a1', 'refund', 1, 24, 'They could not be made', '018c2a3b4c5d0000000000e3', 1700000006003);
update shoots set state = 'submitted', submitted_at = 1700000007000, consent = 'I agree that headshots are made of my photos.' where id like '%e1' or id like '%e3';
update shoots set state = 'training', handle = 'g-1' where id like '%e1';
update shoots set state = 'generating', progress = 60 where id like '%e1';
update shoots set state = 'ready', progress = 100, stage_at = 1700000008000, finished_at = 1700000008000 where id like '%e1';
update shoots set state = 'failed', restarts = 3, failure = 'The generator is gone.', stage_at = 1700000008001 where id like '%e3';
insert into results (id, shoot_id, position, backdrop, width, height, liked, favorite, created_at) values
    ('018c2a3b4c5d000000000101', '018c2a3b4c5d0000000000e1', 0, 'navy', 1024, 1280, 'loved', 1, 1700000008000),
    ('018c2a3b4c5d000000000102', '018c2a3b4c5d0000000000e1', 1, 'office', 1024, 1280, 'none', 0, 1700000008000);
insert into invites (id, organization_id, team_id, email, state, invited_by, member_id, shoot_id, created_at, expires_at, accepted_at, revoked_at) values
    ('018c2a3b4c5d000000000201', 'org_018c2a3b4c5d0000000000a1', 'team_018c2a3b4c5d0000000000b1', 'kim@acme.test', 'accepted', '018c2a3b4c5d0000000000d1', '018c2a3b4c5d0000000000d2', '018c2a3b4c5d0000000000e1', 1700000002500, 1702592002500, 1700000003001, null),
    ('018c2a3b4c5d000000000202', 'org_018c2a3b4c5d0000000000a1', null, 'lee@acme.test', 'pending', '018c2a3b4c5d0000000000d1', null, null, 1700000009000, 1702592009000, null, null),
    ('018c2a3b4c5d000000000203', 'org_018c2a3b4c5d0000000000a1', null, 'max@acme.test', 'revoked', null, null, null, 1700000009001, 1702592009001, null, 1700000009500);
insert into magic_links (id, purpose, email, invite_id, token_digest, code_digest, tries, created_at, expires_at, code_expires_at, used_at) values
    ('018c2a3b4c5d000000000301', 'setup', null, null, randomblob(32), null, 0, 1699999990000, 1700086390000, null, 1700000000000),
    ('018c2a3b4c5d000000000302', 'invite', 'lee@acme.test', '018c2a3b4c5d000000000202', randomblob(32), null, 0, 1700000009000, 1700007209000, null, null),
    ('018c2a3b4c5d000000000303', 'access', 'kim@acme.test', null, randomblob(32), randomblob(32), 2, 1700000009100, 1700007209100, 1700000609100, null);
insert into sessions (digest, account_id, agent, created_at, seen_at, expires_at) values
    (randomblob(32), '018c2a3b4c5d0000000000c1', 'Mozilla/5.0', 1700000010000, 1700000011000, 1702592010000);
insert into api_keys (id, organization_id, name, digest, scopes, created_by, created_at, expires_at, last_used_at) values
    ('018c2a3b4c5d000000000401', 'org_018c2a3b4c5d0000000000a1', 'HR import', randomblob(32), 'invites:write organization:read', '018c2a3b4c5d0000000000d1', 1700000012000, null, 1700000012500);
insert into events (id, organization_id, shoot_id, kind, state, created_at) values
    ('evt_018c2a3b-4c5d-7000-8000-000000000501', 'org_018c2a3b4c5d0000000000a1', '018c2a3b4c5d0000000000e1', 'created', 'onboarding', 1700000004000),
    ('evt_018c2a3b-4c5d-7000-8000-000000000502', 'org_018c2a3b4c5d0000000000a1', '018c2a3b4c5d0000000000e1', 'photos_ready', 'ready', 1700000008000);
insert into mails (id, job_id, organization_id, invite_id, kind, recipient, subject, text, html, state, answer, created_at, sent_at) values
    ('018c2a3b4c5d000000000601', '018c2a3b-4c5d-7000-8000-000000000701', 'org_018c2a3b4c5d0000000000a1', '018c2a3b4c5d000000000201', 'invite', 'kim@acme.test', 'Your headshots at Acme', null, null, 'sent', '250 OK', 1700000002500, 1700000002600),
    ('018c2a3b4c5d000000000602', '018c2a3b-4c5d-7000-8000-000000000702', 'org_018c2a3b4c5d0000000000a1', '018c2a3b4c5d000000000202', 'invite', 'lee@acme.test', 'Your headshots at Acme', 'text', '<p>html</p>', 'refused', '550 no such user', 1700000009000, null);
insert into jobs (id, queue, payload, state, attempts, max_attempts, run_at, unique_key, last_error, created_at, claimed_at, finished_at) values
    ('018c2a3b-4c5d-7000-8000-000000000701', 'mail', '{"job":"invite_mail","id":"018c2a3b4c5d000000000201"}', 'done', 1, 8, 1700000002500, null, null, 1700000002500, 1700000002510, 1700000002600),
    ('018c2a3b-4c5d-7000-8000-000000000702', 'mail', '{"job":"invite_mail","id":"018c2a3b4c5d000000000202"}', 'parked', 8, 8, 1700000009000, null, '550 no such user', 1700000009000, 1700000009600, 1700000009700),
    ('018c2a3b-4c5d-7000-8000-000000000703', 'housekeeping', '{"job":"housekeeping"}', 'waiting', 0, 3, 1700003600000, 'tidy', null, 1700000000000, null, null);
