// The lead sees the pictures: the wall, taken along as an archive; members as pictures; credits over time; a colour looked at before
// it is chosen; and public pictures that get a new look.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { browser, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

let chromium, headroom, lead;
const complaints = [];

before(async () => {
  [chromium, headroom] = [await browser(), await start()];
  lead = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  watch(lead, complaints);
  await signIn(lead, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

const page = (rest) => `${headroom.url}/app/admin${rest}`;

test('the wall hangs everyone side by side', async () => {
  await lead.goto(page('/headshots'));
  const tiles = lead.locator('.tiles > li');
  assert.ok(await tiles.count() > 0, 'the demo has people with headshots');
  await until(() => lead.evaluate(() => [...document.querySelectorAll('.tiles img')].every((img) => img.complete && img.naturalWidth > 0)), 'the pictures');
  await look(lead, 'wall', 'wall');
  await lead.getByLabel('Arrange').selectOption('team');
  await lead.waitForURL('**group=team**');
  await look(lead, 'wall', 'by-team');
  await lead.goto(page('/headshots?q=nobody-of-this-name'));
  await look(lead, 'wall', 'nobody');
});

test('some or all are taken along, and the page counts them', async () => {
  await lead.goto(page('/headshots'));
  const first = lead.locator('.tiles > li').first();
  await first.hover();
  await first.getByRole('checkbox').check();
  await lead.locator('[data-wall-words]').getByText('1 selected').waitFor();
  await look(lead, 'wall', 'selected');
  const [download] = await Promise.all([lead.waitForEvent('download'), lead.getByRole('button', { name: 'Download ZIP' }).click()]);
  assert.equal(download.suggestedFilename(), 'headshots.zip');
  const bytes = await readFile(await download.path());
  assert.match(bytes.toString('latin1'), / - headshot\.jpg/);
  await lead.getByText('Sent 1 of 1 picture.').waitFor();
  const [csv] = await Promise.all([lead.waitForEvent('download'), lead.getByRole('button', { name: 'CSV' }).click()]);
  assert.match(await readFile(await csv.path(), 'utf8'), /Favourite chosen at/);
});

test('members are pictures or rows, whichever was chosen last', async () => {
  await lead.goto(page('/members'));
  await lead.getByRole('link', { name: 'Pictures' }).click();
  await lead.locator('.tiles.people').waitFor();
  await look(lead, 'wall', 'members');
  await lead.goto(page('/members'));
  await lead.locator('.tiles.people').waitFor();
  await lead.locator('.tiles.people').getByRole('checkbox').first().check();
  await lead.locator('[data-select-words]').getByText('1 selected').waitFor();
  await lead.getByRole('link', { name: 'Table' }).click();
  await lead.locator('tbody').waitFor();
});

test('credits are drawn over time', async () => {
  await lead.goto(page('/credits'));
  await lead.getByText('The same in figures').click();
  await look(lead, 'wall', 'credits');
  await lead.getByRole('link', { name: 'A year' }).click();
  await lead.waitForURL('**period=1y');
});

test('a colour is looked at before it is chosen', async () => {
  await lead.goto(page('/settings/organization'));
  await lead.locator('#accent').evaluate((field) => { field.value = '#ffd400'; field.dispatchEvent(new Event('input', { bubbles: true })); });
  await lead.getByText('buttons have black ones').waitFor();
  await until(() => lead.evaluate(() => getComputedStyle(document.querySelector('.scheme.light .button.primary')).backgroundColor === 'rgb(255, 212, 0)'), 'the colour');
  await look(lead, 'wall', 'colour');
  await lead.getByRole('button', { name: 'Save' }).click();
  await lead.locator('.toast').waitFor();
  await lead.goto(page('/members'));
  await look(lead, 'wall', 'yellow');
});

test('public pictures get a new look, or keep theirs', async () => {
  await lead.goto(page('/settings/profile-pictures'));
  await lead.getByLabel('Favourites have public addresses').check();
  await lead.locator('form[action$="/avatars"] button').click();
  await lead.locator('.toast').waitFor();
  // The list makes everyone an address.
  await lead.evaluate(() => fetch('/app/admin/members.csv').then((answer) => answer.text()));
  await lead.goto(page('/settings/profile-pictures'));
  await lead.locator('.looks a', { hasText: 'Change' }).first().click();
  const asked = lead.getByLabel('Only new ones');
  assert.ok(await asked.count(), 'the demo has favourites');
  await asked.check();
  await lead.getByLabel('Border', { exact: true }).fill('30');
  await look(lead, 'wall', 'template');
  await lead.getByRole('button', { name: 'Save template' }).click();
  await lead.getByText(/keeps? an older look/).waitFor();
  await look(lead, 'wall', 'outdated');
  await lead.getByRole('button', { name: 'Bring up to date' }).click();
  await lead.getByText(/Brought \d+ public pictures? up to date/).waitFor();
  await lead.goto(page('/settings/profile-pictures'));
  await lead.locator('.looks a', { hasText: 'Delete' }).first().click();
  await look(lead, 'wall', 'delete');
});

test('without script there is a link to the next part and a button to preview', async () => {
  const plain = await (await chromium.newContext({ javaScriptEnabled: false, storageState: await lead.context().storageState() })).newPage();
  await plain.goto(page('/settings/organization'));
  await plain.getByRole('button', { name: 'Preview' }).click();
  await plain.waitForURL('**preview=1**');
  await plain.goto(page('/headshots'));
  await plain.getByRole('button', { name: 'Apply' }).waitFor();
});

test('browsers complain of nothing', () => assert.deepEqual(complaints, []));
