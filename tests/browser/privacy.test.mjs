// Your data: a member looks at what is kept, takes it along, deletes it, and sees the receipt; a lead sees it too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { browser, letGo, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

const PHOTO = new URL('../pictures/astronaut.jpg', import.meta.url).pathname;

let chromium, headroom, lead, kim;
const complaints = [];

before(async () => {
  [chromium, headroom] = [await browser(), await start()];
  [lead, kim] = [await open(), await open()];
  await signIn(lead, headroom.said.ownerSignIn);
  const invited = await fetch(`${headroom.url}/api/v2/organization/invites`, {
    method: 'POST', headers: { authorization: `Bearer ${headroom.said.apiKey}`, 'content-type': 'application/json' }, body: '{"email":"kim@example.com"}',
  });
  assert.equal(invited.status, 200);
  await signIn(kim, (await until(() => mailTo('kim@example.com'), 'the invite')).links.find((link) => link.includes('/auth/link/')));
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

async function open() {
  const page = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  watch(page, complaints);
  return page;
}

/** The newest mail to an address. */
async function mailTo(address) {
  const mails = await (await fetch(`${headroom.url}/dev/outbox.json`)).json();
  return mails.find((mail) => mail.to === address);
}

const gone = (count) => until(async () => {
  await kim.goto(`${headroom.url}/team-member/privacy`);
  return (await kim.getByText('Every file was gone').count()) === count;
}, `${count} receipts`);

/** The central directory of a ZIP archive that is stored, not compressed: each name with its bytes. */
function unzip(file) {
  const bytes = readFileSync(file);
  const files = new Map();
  let at = bytes.readUInt32LE(bytes.lastIndexOf(Buffer.from('PK\x05\x06')) + 16);
  while (bytes.readUInt32LE(at) === 0x02014b50) {
    const [size, name, extra, comment, start] = [bytes.readUInt32LE(at + 24), bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32), bytes.readUInt32LE(at + 42)];
    const body = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    files.set(bytes.toString('utf8', at + 46, at + 46 + name), bytes.subarray(body, body + size));
    at += 46 + name + extra + comment;
  }
  return files;
}

test('a member takes everything along and deletes it, first the photos, then the rest', async () => {
  await kim.goto(`${headroom.url}/team-member/onboarding/you`);
  await kim.getByLabel('Your name').fill('Kim Okafor');
  await kim.getByLabel('Woman', { exact: true }).check();
  await kim.getByRole('button', { name: 'Continue' }).click();
  await kim.locator('#photo').setInputFiles(PHOTO);
  await kim.getByText('1 photo').first().waitFor();
  await kim.getByRole('link', { name: 'Continue' }).click();
  await kim.getByLabel('Navy').check();
  await kim.getByRole('button', { name: 'Continue' }).click();
  await kim.waitForURL('**/review');
  await look(kim, 'privacy', 'consent');
  await kim.locator('input[name=consent]').check();
  await kim.getByRole('button', { name: 'Submit photos' }).click();
  await kim.waitForURL('**/team-member', { timeout: 180_000 });
  assert.equal(await kim.locator('.photo-grid img').count(), 12);

  await kim.getByRole('contentinfo').getByRole('link', { name: 'Your data' }).click();
  await look(kim, 'privacy', 'your-data');
  await kim.getByText('Show each').click();
  await kim.getByText('Show the words').click();
  await look(kim, 'privacy', 'your-data-open');

  const [download] = await Promise.all([kim.waitForEvent('download'), kim.getByRole('button', { name: 'Download my data' }).click()]);
  assert.equal(download.suggestedFilename(), 'kim-okafor-my-data.zip');
  const files = unzip(await download.path());
  const told = JSON.parse(files.get('data.json'));
  assert.equal(told.person.name, 'Kim Okafor');
  assert.equal(files.size, 1 + 1 + 2 * 12);
  for (const shown of [...told.shoots[0].photos, ...told.shoots[0].headshots]) {
    assert.equal(files.get(shown.file).readUInt16BE(0), 0xffd8, `${shown.file} is a JPEG`);
  }
  assert.match(told.consents[0].text, /30 days/);

  await kim.getByRole('link', { name: 'Delete uploaded photos' }).click();
  await look(kim, 'privacy', 'delete-photos');
  await kim.getByRole('button', { name: 'Delete photos' }).click();
  await kim.getByText('Deleting your uploaded photos.').waitFor();
  await look(kim, 'privacy', 'deleting-photos');
  await letGo(headroom, kim);
  await gone(1);
  assert.match((await until(() => mailTo('kim@example.com').then((mail) => /deleted/.test(mail.subject) && mail), 'the receipt by mail')).text, /1 photo/);
  await kim.goto(`${headroom.url}/team-member`);
  assert.equal(await kim.locator('.photo-grid img').count(), 12);

  await kim.goto(`${headroom.url}/team-member/privacy`);
  await kim.getByRole('link', { name: 'Delete photos and headshots' }).click();
  await look(kim, 'privacy', 'delete-all');
  await kim.getByRole('button', { name: 'Delete all of it' }).click();
  await kim.getByText('Deleting your photos and headshots.').waitFor();
  await letGo(headroom, kim);
  await gone(2);
  await look(kim, 'privacy', 'receipts');
  const [receipt] = await Promise.all([kim.waitForEvent('download'), kim.getByRole('link', { name: /^Receipt rcp_/ }).first().click()]);
  assert.match(readFileSync(await receipt.path(), 'utf8'), /Gone on   2/);

  await lead.goto(`${headroom.url}/app/admin/settings/privacy`);
  assert.equal(await lead.locator('tbody tr').filter({ hasText: 'Kim Okafor' }).count(), 2);
  await look(lead, 'privacy', 'settings');

  await kim.getByRole('link', { name: 'Delete my account' }).click();
  await look(kim, 'privacy', 'leave');
  await kim.getByRole('button', { name: 'Delete my account' }).click();
  await kim.getByText('Your account is deleted').waitFor();
  await look(kim, 'privacy', 'gone');
  assert.deepEqual(complaints, []);
});
