// An organization's own backdrops: a lead adds a picture, someone chooses it, and it stands behind them, also with script off.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, invite, letGo, root, signIn, start } from './headroom.mjs';
import { look, watch } from './look.mjs';

const PHOTO = join(root, 'tests', 'pictures', 'astronaut.jpg');

let chromium, headroom, lead, picture;
const complaints = [];

before(async () => {
  [chromium, headroom] = [await browser(), await start()];
  lead = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  watch(lead, complaints);
  await signIn(lead, headroom.said.ownerSignIn);
  picture = await wall(lead, 1600, 1400);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

/** A photo of a wall with a window, as a file to choose. */
async function wall(page, width, height) {
  const bytes = await page.evaluate(async ([width, height]) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const paint = canvas.getContext('2d');
    const wall = paint.createLinearGradient(0, 0, width, height);
    wall.addColorStop(0, '#c9b8a2');
    wall.addColorStop(1, '#7d6a58');
    paint.fillStyle = wall;
    paint.fillRect(0, 0, width, height);
    paint.fillStyle = '#e8f1f5';
    paint.fillRect(width * 0.56, height * 0.1, width * 0.16, height * 0.5);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.9));
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, [width, height]);
  return { name: 'lobby.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(bytes) };
}

const settings = (rest = '') => `${headroom.url}/app/admin/settings/headshots${rest}`;

async function add(page, name, file) {
  await page.goto(settings());
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Picture').setInputFiles(file);
  await page.getByRole('button', { name: 'Add backdrop' }).click();
}

test('a lead adds, renames and removes pictures', async () => {
  await lead.goto(`${headroom.url}/app/admin/settings`);
  await lead.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Headshots' }).click();
  await lead.getByRole('heading', { name: 'Your own backdrops' }).waitFor();
  await look(lead, 'backdrops', 'settings-none');
  await add(lead, 'A wall', await wall(lead, 900, 900));
  assert.match(await lead.locator('#picture-error').innerText(), /of its 900 × 900 pixels/);
  assert.equal(await lead.getByLabel('Name').inputValue(), 'A wall');
  await look(lead, 'backdrops', 'settings-refused');
  for (const name of ['Lobby', 'The long corridor on the second floor, by the north window']) await add(lead, name, picture);
  await add(lead, '', picture);
  assert.match(await lead.locator('main').innerText(), /There is already a backdrop called "lobby"/);
  await add(lead, 'Roof', await wall(lead, 1100, 1500));
  await look(lead, 'backdrops', 'settings');
  await lead.getByRole('link', { name: 'Rename Roof' }).click();
  await look(lead, 'backdrops', 'renaming');
  await lead.getByLabel('Name').first().fill('Terrace');
  await lead.getByLabel('Name').first().press('Enter');
  await lead.getByRole('button', { name: 'Remove Terrace' }).click();
  await lead.getByText('Removing the backdrop Terrace.').waitFor();
  await look(lead, 'backdrops', 'removing');
  await letGo(headroom, lead);
  assert.doesNotMatch(await lead.locator('main').innerText(), /Terrace/);
});

test('a lead says how many headshots there are', async () => {
  await lead.goto(settings());
  await lead.getByLabel('Headshots per shoot').fill('25');
  await lead.getByRole('button', { name: 'Save' }).first().click();
  assert.match(await lead.locator('#headshots-error').innerText(), /12 to 24/);
  await lead.getByLabel('Headshots per shoot').fill('14');
  await lead.getByRole('button', { name: 'Save' }).first().click();
  assert.equal(await lead.getByLabel('Headshots per shoot').inputValue(), '14');
});

test('someone stands before the picture they chose', async () => {
  const page = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  watch(page, complaints);
  await invite(headroom, lead, 'wanda@northlight.example', page);
  await page.getByLabel('Your name').fill('Wanda Okafor');
  await page.locator('input[value="female"]').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('#photo').setInputFiles(PHOTO);
  await page.locator('#uploads li[data-photo] img').first().waitFor();
  await page.getByRole('link', { name: 'Continue' }).click();
  await page.getByLabel('Lobby').check();
  await page.getByLabel('Navy').check();
  await look(page, 'backdrops', 'style');
  await page.getByRole('button', { name: 'Continue' }).click();
  await look(page, 'backdrops', 'review');
  await page.locator('input[name="consent"]').check();
  await page.getByRole('button', { name: 'Submit photos' }).click();
  await page.getByRole('img', { name: /Lobby backdrop/ }).first().waitFor({ timeout: 120_000 });
  assert.equal(await page.getByRole('img', { name: /Lobby backdrop/ }).count(), 7);
  await look(page, 'backdrops', 'headshots');
});

test('a picture can be added with script off', async () => {
  const still = await chromium.newContext({ javaScriptEnabled: false, storageState: await lead.context().storageState() });
  const page = await still.newPage();
  await add(page, 'Without script', picture);
  assert.match(await page.locator('main').innerText(), /Without script/);
  await still.close();
});

test('the browser has nothing to complain of', () => assert.deepEqual(complaints, []));
