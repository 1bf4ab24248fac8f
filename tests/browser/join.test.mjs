// The ways in, in a real browser: a scanner that opens every link first, headshots of one's own and what becomes of them when an
// organization invites, and every page that says why there is no way any more.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, command, directory, root, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

const WIDE = { viewport: { width: 1280, height: 800 } };
const PHOTO = join(root, 'tests', 'pictures', 'astronaut.jpg');
const HOUR = 60 * 60 * 1000;

let chromium, headroom;
const complaints = [];

before(async () => {
  chromium = await browser();
  headroom = await start({ env: { HEADROOM_SIGNUP: 'on' } });
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

async function visitor(more = {}) {
  const page = await (await chromium.newContext({ ...WIDE, ...more })).newPage();
  watch(page, complaints);
  return page;
}

async function api(method, path, body) {
  const answer = await fetch(`${headroom.url}/api/v2/organization/${path}`, {
    method, headers: { authorization: `Bearer ${headroom.said.apiKey}`, 'content-type': 'application/json' }, body: body && JSON.stringify(body),
  });
  const said = await answer.json();
  assert.ok(said.success, JSON.stringify(said));
  return said;
}

const invite = (email) => api('POST', 'invites', { email });
const open = async (body = {}) => (await api('POST', 'links', body)).link;
const advance = (span) => fetch(`${headroom.url}/dev/clock`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ advance: span }) });
const now = async () => Date.parse((await (await fetch(`${headroom.url}/dev/clock`)).json()).now);

/** Waits for a mail to an address, beyond those it had. */
async function mail(email, had = []) {
  return until(async () => {
    const all = await (await fetch(`${headroom.url}/dev/outbox.json`)).json();
    return all.find((one) => one.to === email && !had.includes(one.id));
  }, `a mail to ${email}`);
}

async function had(email) {
  const all = await (await fetch(`${headroom.url}/dev/outbox.json`)).json();
  return all.filter((one) => one.to === email).map((one) => one.id);
}

const linkIn = (one) => one.links.find((link) => link.includes('/auth/link/'));

/** Types an address on a page, and answers the mail that comes of it. */
async function ask(page, address, email) {
  const before = await had(email);
  await page.goto(address);
  await page.getByRole('textbox').first().fill(email);
  await page.locator('main button.primary').click();
  await page.getByText('Check your mail').first().waitFor();
  return mail(email, before);
}

/** Opens the link of a mail and presses its button. */
async function follow(page, one) {
  await page.goto(linkIn(one));
  await page.locator('form[action="/auth/link"] button').click();
  await page.waitForURL((url) => !url.pathname.startsWith('/auth/'));
}

/** From the first question to the finished headshots. */
async function makeHeadshots(page) {
  await page.getByLabel('Your name').fill('Kim Lee');
  await page.locator('input[name=gender]').first().check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('#photo').setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: readFileSync(PHOTO) });
  await until(async () => (await page.locator('#uploads img[src^="/"]').count()) === 1, 'the photo');
  await page.getByRole('link', { name: 'Continue' }).click();
  await page.getByLabel('Navy').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('input[name=consent]').check();
}

test('a scanner opens every link first, and the person still gets in, without any script', async () => {
  const link = await open();
  const person = await visitor({ javaScriptEnabled: false });
  const one = await ask(person, link.url, 'scanned@acme.test');
  const scanner = await visitor();
  for (let time = 0; time < 3; time += 1) {
    await scanner.goto(linkIn(one));
    await scanner.waitForLoadState('networkidle');
  }
  const head = await fetch(linkIn(one), { method: 'HEAD' });
  assert.ok(head.status < 500);
  await follow(person, one);
  assert.match(person.url(), /team-member\/onboarding/);
  await scanner.goto(linkIn(one));
  await look(scanner, 'join', 'link-used');
});

test('headshots of one\'s own, and the organization that invites', async () => {
  const kim = await visitor();
  await kim.goto(`${headroom.url}/signin`);
  await look(kim, 'join', 'signin-with-signup');
  await kim.getByRole('link', { name: 'Make headshots for yourself' }).click();
  await look(kim, 'join', 'signup');
  const begun = await ask(kim, `${headroom.url}/signup`, 'kim@home.test');
  assert.equal(begun.subject, 'Sign in to Headroom');
  await look(kim, 'join', 'signup-check-mail');
  await kim.goto(linkIn(begun));
  await look(kim, 'join', 'signup-link');
  await kim.locator('form[action="/auth/link"] button').click();
  await kim.waitForURL('**/team-member/onboarding/you');
  await look(kim, 'join', 'alone-you');
  await makeHeadshots(kim);
  await look(kim, 'join', 'alone-review');
  await kim.getByRole('button', { name: 'Submit photos' }).click();
  await kim.waitForURL('**/team-member', { timeout: 240_000 }); // pictures are made by a debug build here
  await kim.locator('.photo-grid img').first().waitFor();
  await until(() => kim.locator('.photo-grid img').first().evaluate((image) => image.naturalWidth > 0), 'the first picture');

  // An open link: a page that offers to convert, and leaves everything as it is until its button is pressed.
  const link = await open({ limit: 1, domains: ['home.test'] });
  const guest = await visitor();
  await guest.goto(link.url);
  await look(guest, 'join', 'open-link');
  await guest.getByRole('textbox').fill('kim@elsewhere.test');
  await guest.locator('main button.primary').click();
  await guest.getByText('only for home.test').waitFor();
  await look(guest, 'join', 'open-link-domain');
  const one = await ask(kim, link.url, 'kim@home.test');
  await kim.goto(linkIn(one));
  await look(kim, 'join', 'link-with-models');
  await kim.locator('form[action="/auth/link"] button').click();
  await kim.waitForURL('**/team-member/convert');
  await look(kim, 'join', 'convert');
  const [zip] = await Promise.all([kim.waitForEvent('download'), kim.getByRole('link', { name: /Download/ }).click()]);
  assert.equal(readFileSync(await zip.path()).subarray(0, 2).toString(), 'PK');
  await kim.getByRole('link', { name: 'Not now' }).click();
  await kim.locator('.photo-grid img').first().waitFor();

  // A personal invite waits on the member's own pages.
  await invite('kim@home.test');
  await mail('kim@home.test', [begun.id, one.id]);
  await kim.reload();
  await kim.getByText('has invited you').waitFor();
  await look(kim, 'join', 'alone-invited');

  // Two windows: the second press finds them inside.
  const other = await kim.context().newPage();
  await kim.goto(`${headroom.url}/team-member/convert`);
  await other.goto(`${headroom.url}/team-member/convert`);
  await kim.getByRole('button', { name: 'Remove and join' }).click();
  await kim.waitForURL('**/team-member/onboarding/**');
  await kim.getByText('You have joined').waitFor();
  await other.getByRole('button', { name: 'Remove and join' }).click();
  await other.waitForURL('**/team-member/onboarding/**');
  assert.match(await other.locator('main').innerText(), /Northlight Studio/);
  await look(kim, 'join', 'joined');
  const { links } = await api('GET', 'links');
  assert.equal(links.find((made) => made.id === link.id).uses, 1);
  await guest.goto(link.url);
  await look(guest, 'join', 'open-link-used-up');

  // What closed meanwhile says so, and keeps everything.
  const lee = await visitor();
  await follow(lee, await ask(lee, `${headroom.url}/signup`, 'lee@home.test'));
  await makeHeadshots(lee);
  const second = await open();
  await follow(lee, await ask(lee, second.url, 'lee@home.test'));
  await lee.waitForURL('**/team-member/convert');
  await look(lee, 'join', 'convert-unfinished');
  await api('DELETE', `links/${second.id}`);
  await lee.getByRole('button', { name: 'Remove and join' }).click();
  await lee.getByText('Nothing of yours was touched').waitFor();
  await look(lee, 'join', 'convert-closed');
  await guest.goto(second.url);
  await look(guest, 'join', 'open-link-revoked');
});

test('another organization\'s owner and its member', async () => {
  const data = directory();
  const server = await start({ args: ['serve', '--data', data.path], cwd: data.path });
  try {
    const acme = command(data.path, 'org', 'create', '--name', 'Acme', '--owner', 'ada@acme.test', '--credits', '5');
    command(data.path, 'org', 'create', '--name', 'Globex', '--owner', 'hank@globex.test', '--credits', '5');
    command(data.path, 'invite', 'send', '--org', 'Globex', 'ida@globex.test');
    const key = command(data.path, 'key', 'create', '--org', 'Acme', '--name', 'Test').apiKey;
    const made = await fetch(`${server.url}/api/v2/organization/links`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: '{}' });
    const { link } = await made.json();
    const ada = await visitor();
    await signIn(ada, acme.ownerSignIn.replace('http://127.0.0.1:8080', server.url));
    const person = await visitor();
    await signIn(person, command(data.path, 'signin', 'ida@globex.test').link.replace('http://127.0.0.1:8080', server.url));
    await person.context().clearCookies();
    for (const [email, name, words] of [['hank@globex.test', 'owner-elsewhere', 'You own Globex'], ['ida@globex.test', 'member-elsewhere', 'You will leave Globex']]) {
      await person.goto(new URL(new URL(link.url).pathname, server.url).href);
      await person.getByRole('textbox').fill(email);
      await person.locator('main button.primary').click();
      await person.getByText('Check your mail').waitFor();
      const way = await until(async () => {
        await ada.goto(`${server.url}/app/admin/outbox`);
        const row = ada.getByRole('row').filter({ hasText: email }).getByRole('link').first();
        if (!(await row.count())) return undefined;
        await row.click();
        return (await ada.locator('pre').textContent()).match(/\/auth\/link\/\S+/)?.[0];
      }, `the mail to ${email}`);
      await person.goto(server.url + way);
      await person.getByText(words).waitFor();
      await look(person, 'join', name);
    }
  } finally {
    await server.stop();
    data.done();
  }
});

test('time goes by, and every page says so', async () => {
  const page = await visitor();
  const link = await open({ expiresAt: new Date((await now()) + 24 * HOUR).toISOString() });
  const one = await ask(page, link.url, 'late@acme.test');
  await page.getByLabel('Code').fill('000000');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('wrong or too old').waitFor();
  await look(page, 'join', 'code-wrong');
  await advance('11m');
  const code = one.text.match(/\b(\d{3}) (\d{3})\b/);
  await page.getByLabel('Code').fill(`${code[1]}${code[2]}`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('wrong or too old').waitFor();
  await look(page, 'join', 'code-too-old');
  await page.goto(linkIn(one));
  assert.match(await page.locator('main').innerText(), /Continue to Northlight Studio/);
  await advance('2h');
  await page.goto(linkIn(one));
  await look(page, 'join', 'link-expired');
  assert.match(await page.locator('main').innerText(), /This link has expired/);

  const invited = await invite('month@acme.test');
  const revoked = await invite('revoked@acme.test');
  await api('POST', 'invites/revoke', { email: 'revoked@acme.test' });
  await page.goto(revoked.link);
  await look(page, 'join', 'invite-revoked');
  await page.goto(invited.link);
  await look(page, 'join', 'invite-address');
  await page.getByRole('textbox').fill('someone-else@acme.test');
  await page.locator('main button.primary').click();
  await page.getByText('This invitation is for another address').waitFor();
  await look(page, 'join', 'invite-other-address');
  await advance('31days');
  await page.goto(invited.link);
  assert.match(await page.locator('main').innerText(), /This invite has expired/);
  await look(page, 'join', 'invite-expired');
  await page.goto(link.url);
  assert.match(await page.locator('main').innerText(), /This invite link has expired/);
  await look(page, 'join', 'open-link-expired');
  await page.goto(`${headroom.url}/team-access`);
  await look(page, 'join', 'team-access');
  assert.deepEqual(complaints, []);
});
