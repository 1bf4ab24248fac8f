// Single sign-on from end to end: set up on the page, walked with a certified provider, and held against one that lies.
import assert from 'node:assert/strict';
import { createServer, request as ask } from 'node:http';
import { after, before, test } from 'node:test';
import { Events, OAuth2Server } from 'oauth2-mock-server';
import Provider from 'oidc-provider';
import { browser, command, directory, signIn, start } from './headroom.mjs';
import { look, watch } from './look.mjs';

const SETTINGS = '/app/admin/settings/single-sign-on';

let chromium, data, headroom, lead, org;
const complaints = [];
const open = [];

before(async () => {
  [chromium, data] = [await browser(), directory()];
  org = command(data.path, 'org', 'create', '--name', 'Acme', '--owner', 'ada@acme.test', '--credits', '9');
  headroom = await start({
    args: ['serve', '--data', data.path], cwd: data.path,
    env: { HEADROOM_WEBHOOK_ALLOW: '127.0.0.0/8,::1/128', HEADROOM_DNS: '127.0.0.1:9' },
  });
  lead = await visitor();
  watch(lead, complaints);
  await signIn(lead, headroom.url + new URL(org.ownerSignIn).pathname);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
  for (const close of open) await close();
  data.done();
});

async function visitor() {
  return (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
}

const listening = async (server) => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }));
  return `http://127.0.0.1:${server.address().port}`;
};

const sso = (...args) => command(data.path, ...args, '--org', org.organization);

/** The certified one: who signs in is called what they type. */
async function certified() {
  const server = createServer();
  const issuer = await listening(server);
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'headroom', client_secret: 'quite a long secret', redirect_uris: [`${headroom.url}/auth/sso/callback`] }],
    claims: { email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['test'] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@acme.test`, email_verified: id !== 'unverified', name: 'Kim Lee' }),
    }),
  });
  server.on('request', provider.callback());
  return issuer;
}

async function save(issuer, secret) {
  await lead.goto(headroom.url + SETTINGS);
  const change = lead.getByRole('link', { name: 'Change', exact: true });
  if (await change.count()) await change.click();
  await lead.getByLabel('Issuer').fill(issuer);
  await lead.getByLabel('Client id').fill('headroom');
  await lead.getByLabel('Client secret').fill(secret);
  await lead.getByRole('button', { name: 'Save provider' }).click();
  await lead.waitForURL((url) => url.pathname === SETTINGS);
}

/** The certified one's own pages: a name, then consent. */
async function atProvider(page, name) {
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.locator('button[type=submit]').click();
}

async function leave(page, email, door = '/team-access') {
  await page.goto(headroom.url + door);
  await page.getByLabel('Work e-mail').fill(email);
  await page.getByRole('button').first().click();
}

test('the owner sets it up, proves the domain, tests it, and a person comes in by it', async () => {
  await lead.goto(headroom.url + SETTINGS);
  await look(lead, 'sso', '1-nothing-yet');
  await lead.getByLabel('Issuer').fill('login.example.com');
  await lead.getByLabel('Client id').fill('headroom');
  await lead.getByRole('button', { name: 'Save provider' }).click();
  assert.match(await lead.locator('main').innerText(), /can't be an issuer/);
  await look(lead, 'sso', '2-wrong-issuer');
  await save(await certified(), 'quite a long secret');
  await lead.getByLabel('Add a domain').fill('acme.test');
  await lead.getByRole('button', { name: 'Add domain' }).click();
  await lead.getByRole('button', { name: /Check now/ }).click();
  assert.match(await lead.getByRole('status').innerText(), /name server/i);
  await lead.goto(headroom.url + SETTINGS);
  await look(lead, 'sso', '3-domain-to-prove');
  assert.equal(sso('domain', 'prove', 'acme.test').provenBy, 'operator');

  await lead.goto(headroom.url + SETTINGS);
  await lead.getByRole('button', { name: 'Test' }).click();
  await atProvider(lead, 'ada');
  await lead.getByText('The connection works').waitFor();
  assert.match(await lead.locator('main').innerText(), /ada@acme\.test[\s\S]*Signs in/);
  await look(lead, 'sso', '4-tested');

  await lead.goto(headroom.url + SETTINGS);
  await lead.getByRole('button', { name: 'Switch on joining without an invite' }).click();
  await look(lead, 'sso', '5-set-up');

  const kim = await visitor();
  watch(kim, complaints);
  await leave(kim, 'kim@acme.test');
  await kim.waitForURL(/\/interaction\//);
  await atProvider(kim, 'kim');
  await kim.waitForURL(/\/team-member\/onboarding/);
  assert.match(await kim.locator('main').innerText(), /Acme/);
  const unverified = await visitor();
  await leave(unverified, 'unverified@acme.test', '/signin');
  await atProvider(unverified, 'unverified');
  await unverified.getByText('hasn\'t verified your address').waitFor();
  // The provider's own pages reach for a font on the network, which is none of ours.
  assert.deepEqual(complaints.filter((one) => one.startsWith(headroom.url)), []);
});

test('it can become the only way in, and the owner keeps another', async () => {
  await lead.goto(headroom.url + SETTINGS);
  await lead.getByRole('link', { name: /Switch on single sign-on only/ }).click();
  await look(lead, 'sso', '6-only-way');
  const made = lead.waitForResponse((answer) => answer.request().method() === 'POST');
  await lead.getByRole('button', { name: 'Make it the only way' }).click();
  await made;
  assert.equal(sso('sso', 'show').connection.enforced, true);
  await lead.goto(headroom.url + SETTINGS);
  await look(lead, 'sso', '7-enforced');

  const kim = await visitor();
  const { link } = command(data.path, 'signin', 'kim@acme.test');
  await kim.goto(headroom.url + new URL(link).pathname);
  await look(kim, 'sso', '8-instead');
  const owner = await visitor();
  await signIn(owner, headroom.url + new URL(command(data.path, 'signin', 'ada@acme.test').link).pathname);
  assert.match(owner.url(), /\/app\/admin/);
  // The page on the way there, held before it moves on by itself.
  await kim.route('**/auth?**', (route) => route.fulfill({ status: 204 }));
  await kim.getByRole('button').click();
  await kim.getByText('Taking you to your sign-in page').waitFor();
  await look(kim, 'sso', '9-away');
  sso('sso', 'enforce', 'off');
});

/** One with a key of its own. */
async function keyed() {
  const mock = new OAuth2Server();
  await mock.issuer.keys.generate('RS256');
  await mock.start(0, '127.0.0.1');
  open.push(() => mock.stop());
  return mock;
}

/** The one that lies, behind a door that can be closed, left hanging, or lead to another one. */
async function liar() {
  const mock = await keyed();
  const door = { state: 'open', to: mock };
  const server = createServer((request, answer) => {
    if (door.state === 'closed') return request.socket.destroy();
    if (door.state === 'slow' && request.url.startsWith('/token')) return undefined;
    const { port } = door.to.address();
    const on = ask({ host: '127.0.0.1', port, path: request.url, method: request.method, headers: request.headers }, (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
    });
    return request.pipe(on);
  });
  mock.issuer.url = await listening(server);
  return { mock, door, issuer: mock.issuer.url };
}

test('every refusal has its page', async () => {
  const { mock, door, issuer } = await liar();
  await save(issuer, 'secret');
  sso('sso', 'provision', 'on');
  const claims = { sub: 'u-1', email: 'lee@acme.test', email_verified: true };
  // It signs two tokens for each code: both say the same.
  const says = (change, by = mock) => by.service.on(Events.BeforeTokenSigning, (token) => {
    Object.assign(token.payload, claims);
    change(token);
  });
  const answers = (change) => mock.service.once(Events.BeforeResponse, change);
  const unsigned = (token) => {
    const [, payload] = token.split('.');
    return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
  };
  const untrusted = /answer can't be trusted/;
  const lies = {
    unverified: [/hasn't verified your address/, () => says((token) => { token.payload.email_verified = false; })],
    'missing claim': [/hasn't verified your address/, () => says((token) => { delete token.payload.email_verified; })],
    'wrong nonce': [untrusted, () => says((token) => { token.payload.nonce = 'another'; })],
    'other issuer': [untrusted, () => says((token) => { token.payload.iss = 'https://evil.test'; })],
    expired: [untrusted, () => says((token) => { token.payload.exp = Math.floor(Date.now() / 1000) - 90; })],
    none: [untrusted, () => { says(() => {}); answers((reply) => { reply.body.id_token = unsigned(reply.body.id_token); }); }],
    'reused code': [/didn't take its own code/, () => {
      says(() => {});
      answers((reply) => { reply.statusCode = 400; reply.body = { error: 'invalid_grant' }; });
    }],
    'other domain': [/not your organization's/, () => says((token) => { token.payload.email = 'lee@evil.test'; })],
    'no address': [/told us no address/, () => says((token) => {
      delete token.payload.email;
      mock.service.once(Events.BeforeUserinfo, (reply) => { reply.body = { sub: 'u-1' }; });
    })],
    slow: [/can't be reached/, () => { door.state = 'slow'; }],
    down: [/can't be reached/, () => { door.state = 'closed'; }],
  };
  for (const [name, [words, lie]] of Object.entries(lies)) {
    mock.service.removeAllListeners();
    lie();
    const page = await visitor();
    await leave(page, 'lee@acme.test');
    await page.waitForURL(/sso\/callback|team-access/);
    await page.locator('h1').filter({ hasText: words }).waitFor({ timeout: 20_000 }).catch(async () => assert.fail(`${name}: ${await page.locator('main').innerText()}`));
    assert.equal((await page.context().cookies()).filter((cookie) => cookie.name === 'headroom').length, 0, name);
    if (['missing claim', 'none', 'down'].includes(name)) await look(page, 'sso', `refused-${name.replace(' ', '-')}`);
    await page.context().close();
  }

  door.state = 'open';
  mock.service.removeAllListeners();
  const tester = async () => {
    await lead.goto(headroom.url + SETTINGS);
    await lead.getByRole('button', { name: 'Test' }).click();
  };
  says((token) => { delete token.payload.email_verified; });
  await tester();
  await lead.getByText('would let nobody in').waitFor();
  await look(lead, 'sso', 'tested-missing-claim');
  mock.service.removeAllListeners();
  says((token) => { token.payload.nonce = 'another'; });
  await tester();
  await lead.getByText('In detail').waitFor();
  await look(lead, 'sso', 'tested-nonce');

  // Its keys change, and whoever comes next is believed all the same.
  door.to = await keyed();
  door.to.issuer.url = issuer;
  assert.notDeepEqual(door.to.issuer.keys.toJSON(), mock.issuer.keys.toJSON());
  says(() => {}, door.to);
  const lee = await visitor();
  await leave(lee, 'lee@acme.test');
  await lee.waitForURL(/\/team-member\/onboarding/);
});
