// What people choose from: ticked for everyone and for a team, met by someone on the way, taken out and read in as a file; also
// with script off. And the profile picture on a person's page.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, directory, invite, root, signIn, start } from './headroom.mjs';
import { look, watch } from './look.mjs';

const PHOTO = join(root, 'tests', 'pictures', 'astronaut.jpg');

let chromium, headroom, lead, wanda, data;
const complaints = [];

before(async () => {
  [chromium, headroom, data] = [await browser(), await start(), directory()];
  lead = await (await chromium.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true })).newPage();
  watch(lead, complaints);
  await signIn(lead, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
  data.done();
});

const settings = (rest = '') => `${headroom.url}/app/admin/settings/headshots${rest}`;
const main = (page) => page.locator('main').innerText();

/** A photo of a wall, added under this name. */
async function add(name, from, to) {
  const bytes = await lead.evaluate(async ([from, to]) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1100, height: 1400 });
    const paint = canvas.getContext('2d');
    const wall = paint.createLinearGradient(0, 0, 1100, 1400);
    wall.addColorStop(0, from);
    wall.addColorStop(1, to);
    paint.fillStyle = wall;
    paint.fillRect(0, 0, 1100, 1400);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.9));
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, [from, to]);
  await lead.goto(settings());
  await lead.getByLabel('Name').fill(name);
  await lead.getByLabel('Picture').setInputFiles({ name: 'wall.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(bytes) });
  await lead.getByRole('button', { name: 'Add backdrop' }).click();
}

/** Ticks these and no others. */
async function tick(page, names) {
  for (const box of await page.locator('input[name="backdrop"]').all()) {
    const label = (await box.locator('xpath=..').innerText()).trim();
    await box.setChecked(names.includes(label));
  }
}

test('a lead ticks what people choose from', async () => {
  await add('Lobby', '#c9b8a2', '#7d6a58');
  await add('The long corridor on the second floor', '#b7c6cf', '#5a6b74');
  await look(lead, 'styles', 'settings-all');
  await tick(lead, []);
  await lead.getByRole('button', { name: 'Save backdrops' }).click();
  assert.match(await lead.locator('#allowed-error').innerText(), /Keep at least one/);
  await look(lead, 'styles', 'settings-none');
  await tick(lead, ['Lobby', 'Navy', 'Light grey']);
  await lead.getByRole('button', { name: 'Save backdrops' }).click();
  assert.equal(await lead.locator('input[name="backdrop"]:checked').count(), 3);
});

test('someone chooses from these, and again when they are others', async () => {
  wanda = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  watch(wanda, complaints);
  await invite(headroom, lead, 'wanda@northlight.example', wanda);
  await wanda.getByLabel('Your name').fill('Wanda Okafor');
  await wanda.locator('input[value="female"]').check();
  await wanda.getByRole('button', { name: 'Continue' }).click();
  await wanda.locator('#photo').setInputFiles(PHOTO);
  await wanda.locator('#uploads li[data-photo] img').first().waitFor();
  await wanda.getByRole('link', { name: 'Continue' }).click();
  assert.equal(await wanda.locator('input[name="backdrop"]').count(), 3);
  await wanda.getByLabel('Lobby').check();
  await wanda.getByLabel('Navy').check();
  await wanda.getByRole('button', { name: 'Continue' }).click();

  await lead.goto(settings());
  await tick(lead, ['Lobby', 'White', 'Garden']);
  await lead.getByRole('button', { name: 'Save backdrops' }).click();
  await lead.getByRole('dialog').waitFor();
  assert.match(await lead.getByRole('dialog').innerText(), /1 person has chosen something else/);
  await look(lead, 'styles', 'question');
  await lead.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await wanda.goto(`${headroom.url}/team-member/onboarding`);
  assert.match(await main(wanda), /Not offered any more: Navy/);
  assert.ok(await wanda.getByLabel('Lobby').isChecked());
  await look(wanda, 'styles', 'again');
});

test('a team has a choice of its own', async () => {
  await lead.goto(`${headroom.url}/app/admin/teams`);
  await look(lead, 'styles', 'teams');
  await lead.locator('td[data-label="Backdrops"] a').first().click();
  await look(lead, 'styles', 'team');
  await tick(lead, ['The long corridor on the second floor', 'Charcoal']);
  await lead.getByRole('button', { name: 'Save for this team' }).click();
  assert.match(await main(lead), /2 backdrops/);
  await lead.locator('td[data-label="Backdrops"] a').first().click();
  await look(lead, 'styles', 'team-own');
});

test('with one, nobody is asked', async () => {
  await lead.goto(settings());
  await tick(lead, ['White']);
  await lead.getByRole('button', { name: 'Save backdrops' }).click();
  await lead.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await wanda.goto(`${headroom.url}/team-member/onboarding`);
  assert.equal(await wanda.locator('input[type="checkbox"]').count(), 0);
  await look(wanda, 'styles', 'one');
  await wanda.getByRole('button', { name: 'Continue' }).click();
  assert.match(await main(wanda), /Review and submit/);
});

test('a file is taken out, and read in after a look', async () => {
  await lead.goto(settings());
  const [download] = await Promise.all([lead.waitForEvent('download'), lead.getByRole('link', { name: 'Export' }).click()]);
  const style = JSON.parse(readFileSync(await download.path(), 'utf8'));
  assert.deepEqual(style.backdrops, [{ builtIn: 'white' }]);
  const file = join(data.path, 'style.json');
  writeFileSync(file, '{"headroomStyle": 1, "teams": [{"team": "Nobody", "backdrops": [{"own": "Moat"}]}]}');
  await lead.getByLabel('File to import').setInputFiles(file);
  await lead.getByRole('button', { name: 'Import', exact: true }).click();
  assert.match(await lead.locator('#style-error').innerText(), /Moat.*Nobody/);
  await look(lead, 'styles', 'file-refused');
  writeFileSync(file, JSON.stringify({ ...style, backdrops: [{ own: 'Lobby' }, { builtIn: 'navy' }], headshots: 20, deleteAfterDays: 30 }));
  await lead.getByLabel('File to import').setInputFiles(file);
  await lead.getByRole('button', { name: 'Import', exact: true }).click();
  await look(lead, 'styles', 'import');
  await lead.getByRole('button', { name: /Apply 3 changes/ }).click();
  assert.equal(await lead.getByLabel('Headshots per shoot').inputValue(), '20');
  assert.equal(await lead.locator('input[name="backdrop"]:checked').count(), 2);
});

test('it is ticked with script off', async () => {
  const still = await chromium.newContext({ javaScriptEnabled: false, storageState: await lead.context().storageState() });
  const page = await still.newPage();
  await page.goto(settings());
  await tick(page, ['Navy', 'White', 'Lobby']);
  await page.getByRole('button', { name: 'Save backdrops' }).click();
  assert.match(await page.locator('body').innerText(), /People choose from Lobby, White, Navy/);
  await still.close();
});

test('a person\'s page has dates and the profile picture', async () => {
  await lead.goto(`${headroom.url}/app/admin/settings/profile-pictures`);
  await lead.locator('input[name="avatars"]').check();
  await lead.locator('form[action$="/avatars"] button').click();
  await lead.goto(`${headroom.url}/app/admin/members?state=finished`);
  await lead.locator('tbody a.name, tbody a').first().click();
  await lead.locator('.photo-grid time').first().waitFor();
  await look(lead, 'styles', 'person');
});

test('the browser has nothing to complain of', () => assert.deepEqual(complaints, []));
