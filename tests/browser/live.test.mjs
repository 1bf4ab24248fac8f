// The lead's pages while they are open: counts and states move by themselves, and nothing that somebody does there is lost by it.
// The search over everything, the shortcuts, and the phone's bar.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, invite, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

let chromium, headroom, lead;
const complaints = [];

before(async () => {
  [chromium, headroom] = [await browser(), await start({ args: ['dev', '--seconds', '600'] })];
  lead = await visitor();
  await signIn(lead, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

const at = (rest = '') => `${headroom.url}/app/admin${rest}`;

async function visitor(more = {}) {
  const page = await (await chromium.newContext({ viewport: { width: 1280, height: 800 }, ...more })).newPage();
  watch(page, complaints);
  return page;
}

/** The same lead in another window, which does what changes the first one. */
async function other() {
  const page = await lead.context().newPage();
  watch(page, complaints);
  return page;
}

/** Calls the API as a program of the organization does. */
async function api(path, body) {
  const answer = await fetch(`${headroom.url}/api/v2/organization${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${headroom.said.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200, await answer.text());
}

const figure = (page, name) => page.locator('.funnel-table li').filter({ hasText: name }).locator('.count').innerText();

test('the overview moves by itself, from the first change on', async () => {
  await lead.goto(at());
  const before = Number(await figure(lead, 'Invited'));
  await lead.evaluate(() => { globalThis.stays = document.querySelector('h1'); });
  await api('/invites', { email: 'moves@northlight.example' });
  await until(async () => Number(await figure(lead, 'Invited')) === before + 1, 'one more invite');
  assert.equal(await lead.locator('.side .nav > ul > li > a .count').innerText(), String(before + 1));
  assert.ok(await lead.evaluate(() => globalThis.stays.isConnected), 'the page was not loaded again');

  // Somebody accepts: in another browser altogether.
  const member = await visitor();
  const joined = Number(await figure(lead, 'Joined')) + Number(await figure(lead, 'Uploading'));
  const helper = await other();
  await invite(headroom, helper, 'joins@northlight.example', member);
  await until(async () => Number(await figure(lead, 'Joined')) + Number(await figure(lead, 'Uploading')) === joined + 1, 'one more who joined');
  await member.context().close();
  await helper.close();
});

test('what somebody does on a page stays while it moves', async () => {
  await lead.setViewportSize({ width: 1280, height: 420 });
  await lead.goto(at('/members'));
  const rows = lead.locator('tbody tr');
  const before = await rows.count();
  assert.ok(before > 3);
  const marked = rows.nth(before - 1);
  const name = await marked.locator('.name').innerText();
  await marked.getByRole('checkbox').check();
  const field = lead.getByLabel('Search members');
  await field.focus();
  await field.pressSequentially('nor');
  await field.evaluate((one) => one.setSelectionRange(1, 2));
  await lead.evaluate(() => scrollTo(0, 300));
  const placed = await marked.evaluate((row) => Math.round(row.getBoundingClientRect().top));

  const [member, helper] = [await visitor(), await other()];
  await invite(headroom, helper, 'stays@northlight.example', member);
  await until(async () => (await rows.count()) === before + 1, 'one more row');
  assert.match(await rows.first().innerText(), /stays@/);
  assert.match(await lead.locator('.table-note').innerText(), new RegExp(`^${before + 1} members`));
  assert.ok(await field.evaluate((one) => one === document.activeElement), 'the field keeps the focus');
  assert.deepEqual(await field.evaluate((one) => [one.value, one.selectionStart, one.selectionEnd]), ['nor', 1, 2]);
  const kept = rows.filter({ hasText: name });
  assert.ok(await kept.getByRole('checkbox').isChecked(), 'the box stays marked');
  assert.match(await lead.locator('[data-select-words]').innerText(), /^1 selected/);
  const now = await kept.evaluate((row) => Math.round(row.getBoundingClientRect().top));
  assert.ok(Math.abs(now - placed) <= 2, `what is looked at stays in its place: ${placed}, now ${now}`);

  // New rows count like the old ones.
  await rows.first().getByRole('checkbox').check();
  assert.match(await lead.locator('[data-select-words]').innerText(), /^2 selected/);

  // A dialog that is open stays open, with what was typed.
  await lead.getByRole('link', { name: 'Add member' }).click();
  const area = lead.getByRole('dialog').locator('textarea, input[name="emails"]').first();
  await area.fill('half@typed');
  await member.goto(`${headroom.url}/team-member/onboarding/you`);
  await member.locator('input[name="name"]').fill('Stella Stays');
  await member.locator('input[name="gender"]').first().check();
  await member.locator('main form button').last().click();
  await until(async () => /Stella Stays/.test(await rows.first().innerText()), 'their name');
  assert.equal(await area.inputValue(), 'half@typed');
  assert.ok(await lead.getByRole('dialog').isVisible());
  await member.context().close();
  await helper.close();
  await lead.setViewportSize({ width: 1280, height: 800 });
  assert.deepEqual(complaints, []);
});

test('a page in a hidden tab asks nothing, and looks once it is seen', async () => {
  await lead.goto(at());
  let asked = 0;
  const count = (request) => { if (new URL(request.url()).pathname === '/app/admin') asked += 1; };
  const before = Number(await figure(lead, 'Invited'));
  await lead.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  lead.on('request', count);
  const seen = await other();
  await seen.goto(at());
  await api('/invites', { email: 'hidden@northlight.example' });
  await until(async () => Number(await figure(seen, 'Invited')) === before + 1, 'the one that is seen moves');
  assert.equal(asked, 0);
  assert.equal(Number(await figure(lead, 'Invited')), before);
  await lead.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: false, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await until(async () => Number(await figure(lead, 'Invited')) === before + 1, 'what was missed');
  lead.off('request', count);
  await seen.close();
});

const results = () => lead.locator('#palette [role=option]');
const option = (words) => results().filter({ hasText: words }).first();
const marked = () => lead.locator('#palette [aria-selected=true] .words').innerText();

/** Opens the search by keys; its field. */
async function palette() {
  await lead.keyboard.press('Control+k');
  const field = lead.getByRole('combobox', { name: 'Search people, pages and actions' });
  await field.waitFor();
  await results().first().waitFor();
  return field;
}

test('the search finds people, pages and what can be done, by keys', async () => {
  await lead.goto(at('/credits'));
  let field = await palette();
  await look(lead, 'live', 'palette');
  assert.equal(await field.getAttribute('aria-activedescendant'), await lead.locator('[aria-selected=true]').getAttribute('id'));
  await field.pressSequentially('inv');
  await until(async () => (await marked()) === 'Invites', 'the page called so');
  await option('Invite people').waitFor();
  await look(lead, 'live', 'palette-found');
  await lead.keyboard.press('ArrowDown');
  assert.notEqual(await marked(), 'Invites');
  await lead.keyboard.press('ArrowUp');
  await lead.keyboard.press('Enter');
  await lead.waitForURL('**/app/admin/invites');

  field = await palette();
  await field.fill('carla');
  await until(async () => /carla/i.test(await lead.locator('[aria-selected=true]').innerText()), 'her');
  await lead.keyboard.press('Enter');
  await lead.waitForURL(/\/members\/[0-9a-f]{24}$/);
  const person = new URL(lead.url()).pathname;

  // Typed and sent at once, before an answer can be there.
  field = await palette();
  await lead.keyboard.type('teams');
  await lead.keyboard.press('Enter');
  await lead.waitForURL('**/app/admin/teams');

  field = await palette();
  await lead.getByRole('group', { name: 'Recent' }).waitFor();
  assert.equal(await results().first().getAttribute('href'), person);
  await field.fill('zzzz');
  await lead.getByText('Nothing is called “zzzz”').waitFor();
  await look(lead, 'live', 'palette-nothing');
  await lead.keyboard.press('Escape');
  assert.equal(await lead.getByRole('combobox').count(), 0);

  const button = lead.getByRole('link', { name: 'Search' });
  await button.click();
  await lead.getByRole('combobox').waitFor();
  await lead.keyboard.press('Escape');
  assert.ok(await button.evaluate((one) => one === document.activeElement), 'the focus is back where it was');
  assert.deepEqual(complaints, []);
});

test('shortcuts go, move, mark and open, and can be switched off', async () => {
  await lead.goto(at());
  for (const [keys, path] of [['gm', '/members'], ['gi', '/invites'], ['gs', '/settings/access'], ['go', '']]) {
    for (const key of keys) await lead.keyboard.press(key);
    await lead.waitForURL(at(path));
  }
  await lead.goto(at('/members'));
  await lead.keyboard.press('/');
  const field = lead.getByLabel('Search members');
  assert.ok(await field.evaluate((one) => one === document.activeElement));
  await lead.keyboard.type('gmxja');
  assert.equal(await field.inputValue(), 'gmxja', 'what is typed is no shortcut');
  await field.fill('');
  await field.blur();
  await lead.keyboard.press('j');
  await lead.keyboard.press('j');
  await lead.keyboard.press('x');
  assert.ok(await lead.locator('tbody tr').nth(1).getByRole('checkbox').isChecked());
  await lead.keyboard.press('k');
  const first = lead.locator('tbody tr').first().locator('.name');
  assert.ok(await first.evaluate((one) => one === document.activeElement));
  const href = await first.getAttribute('href');
  await lead.keyboard.press('Enter');
  await lead.waitForURL(`**${href}`);
  await lead.goto(at('/members'));
  await lead.keyboard.press('a');
  await lead.getByRole('dialog', { name: 'Add member' }).waitFor();
  await lead.keyboard.press('Escape');
  // Closing is a page of its own.
  await lead.waitForURL(at('/members'));

  const list = lead.getByRole('dialog', { name: 'Keyboard shortcuts' });
  // A key that is pressed while the page still closes what was open goes nowhere.
  await until(async () => {
    await lead.keyboard.press('?');
    return list.isVisible();
  }, 'the shortcuts');
  await look(lead, 'live', 'keys');
  await list.getByRole('checkbox').uncheck();
  await lead.keyboard.press('Escape');
  await lead.keyboard.press('g');
  await lead.keyboard.press('o');
  await lead.keyboard.press('?');
  assert.ok(!(await list.isVisible()));
  assert.match(lead.url(), /\/members$/);
  await lead.reload();
  await lead.keyboard.press('?');
  assert.ok(!(await list.isVisible()), 'the browser remembers');
  await lead.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await list.getByRole('checkbox').check();
  await lead.keyboard.press('Escape');
  await lead.keyboard.press('?');
  await list.waitFor();
  await lead.keyboard.press('Escape');
  assert.deepEqual(complaints, []);
});

test('without JavaScript the search is a page, and a phone reaches everything', async () => {
  const plain = await visitor({ javaScriptEnabled: false, viewport: { width: 390, height: 844 }, storageState: await lead.context().storageState() });
  await plain.goto(at());
  assert.equal(await plain.locator('[data-keys-open]').isVisible(), false);
  const bar = plain.locator('.side .nav');
  assert.ok(await bar.evaluate((one) => one.scrollWidth <= one.clientWidth), 'nothing is beyond the edge');
  assert.equal(await bar.locator('> ul > li:visible').count(), 5);
  for (const box of await bar.locator('> ul > li:visible').all()) assert.ok((await box.boundingBox()).height >= 44);
  await plain.getByText('More', { exact: true }).click();
  await plain.getByRole('link', { name: 'Webhooks' }).click();
  await plain.waitForURL('**/webhooks');
  assert.match(await plain.locator('.more summary').getAttribute('class'), /here/);
  await plain.getByRole('link', { name: 'Search' }).click();
  await plain.locator('main').getByLabel('Search people, pages and actions').fill('carla');
  await plain.locator('main').getByRole('button', { name: 'Search' }).click();
  await plain.locator('.found .result').filter({ hasText: 'carla' }).first().click();
  await plain.waitForURL(/\/members\/[0-9a-f]{24}$/);
  await plain.context().close();

  await lead.goto(at('/search'));
  await look(lead, 'live', 'search');
  await lead.goto(at('/search?q=sett'));
  await look(lead, 'live', 'search-found');
  await lead.goto(at('/webhooks'));
  await lead.setViewportSize({ width: 390, height: 844 });
  await lead.getByText('More', { exact: true }).click();
  await lead.screenshot({ path: 'target/screenshots/live/more.png' });
  await lead.setViewportSize({ width: 1280, height: 800 });
  assert.deepEqual(complaints, []);
});

test('signed out in another window, a page stops asking', async () => {
  await lead.goto(at());
  const leaving = await other();
  await leaving.goto(at());
  let asked = 0;
  await leaving.locator('.me > summary').click();
  await leaving.getByRole('button', { name: 'Sign out' }).click();
  await leaving.waitForURL('**/signin**');
  lead.on('request', () => { asked += 1; });
  await leaving.waitForTimeout(3000);
  assert.equal(asked, 0, 'nothing is asked of who is gone');
  assert.equal(await leaving.evaluate(() => localStorage.length), 0, 'and nothing of them is kept');
  assert.deepEqual(complaints, []);
});
