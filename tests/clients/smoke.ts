// Speaks to a running server through the generated TypeScript client. HEADROOM_URL and HEADROOM_KEY say which.
// What it says of types is checked when it is compiled.
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './headroom.js';

const url = process.env.HEADROOM_URL ?? '';
const client = (key: string) => createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });
const headroom = client(process.env.HEADROOM_KEY ?? '');

const organization = await headroom.GET('/api/v2/organization');
assert.equal(organization.data?.organization.name, 'Northlight Studio');
const teamId = organization.data.organization.teams[0]?.id;

const balance = await headroom.GET('/api/v2/organization/credits');
assert.equal(balance.data?.credits, 25);

const email = 'typescript@clients.example';
const invited = await headroom.POST('/api/v2/organization/invites', {
  params: { header: { 'Idempotency-Key': 'typescript-1' } },
  body: { email, teamId: teamId ?? null },
});
assert.ok(invited.data, invited.error?.error);
assert.equal(invited.data.teamId, teamId);

const page = await headroom.GET('/api/v2/organization/invites', { params: { query: { limit: 1 } } });
const newest: components['schemas']['ListedInvite'] | undefined = page.data?.invites[0];
assert.deepEqual([newest?.email, newest?.status], [email, 'pending']);
assert.equal(page.data?.pagination?.hasMore, true);

const one = await headroom.GET('/api/v2/organization/invites/{email}', { params: { path: { email } } });
assert.equal(one.data?.invite.status, 'pending');

const revoked = await headroom.POST('/api/v2/organization/invites/revoke', { body: { email } });
assert.equal(revoked.data?.message, 'Invite revoked');

const model = await headroom.POST('/api/v2/organization/whitelabel/model/create', {
  body: { email: 'typescript@guests.example', isDevelopment: true },
});
assert.ok(model.data, model.error?.error);
assert.equal(model.data.status, 'onboarding');
// It signs its person in and leads on.
assert.equal((await fetch(model.data.signedUrl, { redirect: 'manual' })).status, 303);

// An error is a value with a type: what worked can't be mistaken for it.
const refused = await client('hr_nobody').GET('/api/v2/organization');
assert.equal(refused.data, undefined);
const refusal: components['schemas']['Refusal'] | undefined = refused.error;
assert.deepEqual([refused.response.status, refusal?.success, refusal?.code], [401, false, 'UNAUTHORIZED']);

// Misspelt, it doesn't compile.
// @ts-expect-error
await headroom.POST('/api/v2/organization/teams', { body: { title: 'Marketing' } });
