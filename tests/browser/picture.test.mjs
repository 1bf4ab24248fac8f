// Profile pictures: a lead uploads a logo and makes a template, a member takes pictures along, and the public address shows the
// favourite to anyone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, signIn, start } from './headroom.mjs';
import { look, watch } from './look.mjs';

const CARLA = 'carla@northlight.example';

let chromium, headroom, lead, address;
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

const settings = (part) => `${headroom.url}/app/admin/settings/${part}`;

/** A mark and a word, on nothing. */
async function drawn(page) {
  const bytes = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 160 });
    const paint = canvas.getContext('2d');
    paint.fillStyle = '#8a4b2f';
    paint.arc(80, 80, 70, 0, 7);
    paint.fill();
    paint.font = 'bold 64px sans-serif';
    paint.fillText('North', 170, 105);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  return { name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from(bytes) };
}

test('a lead uploads a logo, and a drawing in text is refused in words', async () => {
  await lead.goto(settings('organization'));
  const svg = { name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') };
  await lead.locator('#logo').setInputFiles(svg);
  await lead.getByRole('button', { name: 'Upload logo' }).click();
  assert.match(await lead.locator('#logo-error').innerText(), /SVG can't be used.*Save it as PNG/);
  await look(lead, 'picture', 'logo-refused');
  await lead.locator('#logo').setInputFiles(await drawn(lead));
  await lead.getByRole('button', { name: 'Upload logo' }).click();
  const src = await lead.locator('.logo-shown img').first().getAttribute('src');
  await look(lead, 'picture', 'logo');
  const logo = await fetch(headroom.url + src);
  assert.deepEqual([logo.status, logo.headers.get('content-type')], [200, 'image/png']);
  assert.match(logo.headers.get('cache-control'), /immutable/);
});

test('a template is drawn while it is chosen', async () => {
  await lead.goto(settings('profile-pictures'));
  await look(lead, 'picture', 'templates');
  await lead.getByRole('link', { name: 'Add a template' }).click();
  const before = await lead.locator('#preview').getAttribute('src');
  await lead.getByLabel('Rounded square').check();
  await lead.locator('select#logo').selectOption('bottom-right');
  await lead.waitForFunction((src) => document.querySelector('#preview').getAttribute('src') !== src, before);
  await look(lead, 'picture', 'template');
  await lead.getByLabel('Name').fill('Directory');
  await lead.getByRole('button', { name: 'Add template' }).click();
  assert.match(await lead.locator('#template-error').innerText(), /already a template called/);
  await lead.getByLabel('Name').fill('Website');
  await lead.getByRole('button', { name: 'Add template' }).click();
  await lead.getByText('Added the template Website').waitFor();
});

test('without script a button shows the same', async () => {
  const still = await chromium.newContext({ javaScriptEnabled: false, storageState: await lead.context().storageState() });
  const page = await still.newPage();
  await page.goto(settings('profile-pictures/new'));
  await page.getByLabel('Black and white').check();
  await page.getByRole('button', { name: 'Preview' }).click();
  assert.match(await page.locator('#preview').getAttribute('src'), /greyscale=on/);
  assert.equal(await page.getByLabel('Black and white').isChecked(), true);
  await still.close();
});

test('the public address shows the favourite to anyone', async () => {
  const csv = await (await lead.request.get(`${headroom.url}/app/admin/members.csv`)).text();
  const of = (who) => csv.split('\r\n').find((line) => line.includes(who)).split(',').pop();
  address = of(CARLA);
  const shown = await fetch(`${address}?size=65`);
  assert.equal(shown.status, 200);
  assert.equal(shown.headers.get('set-cookie'), null);
  assert.match(shown.headers.get('cache-control'), /public, max-age=30, stale-while-revalidate=30/);
  const again = await fetch(`${address}?size=96`, { headers: { 'if-none-match': shown.headers.get('etag') } });
  assert.equal(again.status, 304, 'a wish gets the next size there is');
  assert.equal((await fetch(`${address}?size=large`)).status, 400);
  assert.equal((await fetch(of('luca'))).status, 200, 'a silhouette');
  assert.equal((await fetch(`${of('luca')}?fallback=404`)).status, 404);
  assert.equal((await fetch(`${headroom.url}/avatars/${'0'.repeat(32)}`)).status, 404);
});

test('a member takes pictures along, and asks for a new address', async () => {
  const page = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  watch(page, complaints);
  await page.goto(`${headroom.url}/signin`);
  await page.locator('input[type=email]').fill(CARLA);
  await page.locator('form button').first().click();
  await page.waitForLoadState();
  const outbox = async () => (await fetch(`${headroom.url}/dev/outbox.json`)).json();
  const wanted = (mail) => mail.to === CARLA && mail.links.some((link) => link.includes('/auth/link/'));
  let mail;
  for (let tries = 0; !mail && tries < 100; tries += 1) mail = (await outbox()).find((one) => wanted(one) && /logo\.png/.test(one.html));
  await signIn(page, mail.links.find((link) => link.includes('/auth/link/')));
  await page.goto(`${headroom.url}/team-member`);
  await look(page, 'picture', 'member-headshots');
  await page.getByRole('link', { name: 'Profile Picture' }).click();
  await look(page, 'picture', 'member-picture');
  const files = await page.locator('a[download]').evaluateAll((links) => links.map((link) => link.href));
  const kinds = await Promise.all(files.map(async (file) => (await page.request.get(file)).headers()['content-type']));
  assert.deepEqual(kinds, ['image/png', 'image/jpeg', 'image/webp', 'image/png', 'image/jpeg', 'image/webp']);
  await page.getByRole('button', { name: 'New address' }).click();
  await page.getByText('There is a new address').waitFor();
  assert.equal((await fetch(address)).status, 404);
});

test('switched off, there is nothing', async () => {
  await lead.goto(settings('profile-pictures'));
  await lead.getByLabel('Favourites have public addresses').uncheck();
  await lead.getByRole('button', { name: 'Save' }).click();
  await lead.getByText('show nothing any more').first().waitFor();
  const csv = await (await lead.request.get(`${headroom.url}/app/admin/members.csv`)).text();
  assert.doesNotMatch(csv, /avatars/);
});

test('the browser has nothing to complain of', () => assert.deepEqual(complaints, []));
