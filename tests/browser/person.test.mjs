// Someone who is looked after, from their first photo to the question whether they go: what a lead does in their place, their
// page, and who leads the organization.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { album, browser, root, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

const PATIENCE = 60_000;
const DEVELOPED = 300_000; // pictures are made by a debug build here
const PHOTO = readFileSync(join(root, 'tests', 'pictures', 'astronaut.jpg'));

let chromium, headroom, lead, person;
const complaints = [];

before(async () => {
  [chromium, headroom] = [await browser(), await start()];
  const context = await chromium.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(PATIENCE);
  lead = await context.newPage();
  watch(lead, complaints);
  await signIn(lead, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium?.close();
  await headroom?.stop();
});

const admin = (rest) => `${headroom.url}/app/admin${rest}`;
const behalf = () => `${headroom.url}/team-member/for/${person}`;
const loaded = (pictures) => pictures.evaluateAll((all) => all.every((one) => one.complete && one.naturalWidth > 0));

/** One photo under another name and with other bytes: what follows a JPEG's end is ignored by whoever decodes it. */
const photo = (nth) => ({ name: `ines-${nth}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.concat([PHOTO, Buffer.from([nth])]) });

test('a lead adds someone and hands in their photos', async () => {
  await lead.goto(admin('/members'));
  await lead.getByRole('link', { name: 'Add member' }).first().click();
  const dialog = lead.getByRole('dialog');
  await dialog.getByRole('link', { name: 'On their behalf' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill('Inês Duarte');
  await dialog.getByLabel('Job title').fill('Head of Photography');
  await look(lead, 'person', '01-add');
  await dialog.getByRole('button', { name: 'Add photos' }).click();
  await lead.waitForURL('**/team-member/for/*/onboarding/**');
  person = new URL(lead.url()).pathname.split('/')[3];

  await lead.getByRole('complementary', { name: 'On behalf of Inês Duarte' }).waitFor();
  await look(lead, 'person', '02-you');
  await lead.locator('input[name=gender]').first().check();
  await lead.getByRole('button', { name: 'Continue' }).click();
  await lead.waitForURL('**/onboarding/photos'); // loaded, with what uploads at once
  await lead.locator('#photo').setInputFiles([photo(1), photo(2), photo(3)]);
  await until(async () => (await lead.locator('#uploads img[src^="/"]').count()) === 3, 'three photos', PATIENCE);
  await until(() => loaded(lead.locator('#uploads img[src^="/"]')), 'the thumbnails', PATIENCE);
  await look(lead, 'person', '03-photos');
  await lead.getByRole('link', { name: 'Continue' }).click();
  await lead.getByLabel('Navy').check();
  await look(lead, 'person', '04-style');
  await lead.getByRole('button', { name: 'Continue' }).click();

  const consent = lead.getByRole('checkbox', { name: /The person in these photos has agreed/ });
  assert.ok(!(await consent.isChecked()), 'nobody agrees by default');
  await consent.check();
  await look(lead, 'person', '05-review');
  await lead.getByRole('button', { name: 'Submit photos' }).click();
  await lead.waitForURL('**/waiting');
  await lead.getByText('The headshots will be on the page of Inês Duarte').waitFor();
  assert.doesNotMatch(await lead.locator('main').innerText(), /\byour (photos|headshots|turn)\b/i, 'they are not the lead\'s');
  await look(lead, 'person', '06-waiting');
});

test('the headshots appear by themselves, and lead back to the person', async () => {
  await lead.waitForURL((url) => url.href === behalf(), { timeout: DEVELOPED });
  await lead.getByRole('heading', { name: 'Headshots of Inês Duarte' }).waitFor();
  const pictures = lead.locator('.photo-grid img');
  await until(() => loaded(pictures.first()), 'the first picture', PATIENCE);
  await look(lead, 'person', '07-headshots');
  await pictures.first().click();
  await lead.waitForURL('**/headshots/*');
  await lead.getByRole('button', { name: /Favourite/ }).click();
  await until(async () => (await lead.getByRole('button', { name: /Favourite/ }).getAttribute('aria-pressed')) === 'true', 'the favourite', PATIENCE);
  await look(lead, 'person', '08-headshot');

  await lead.getByRole('link', { name: 'Back to Inês Duarte' }).click();
  await lead.waitForURL(`**/app/admin/members/${person}`);
  await lead.getByRole('heading', { name: 'Timeline' }).waitFor();
  for (const words of ['Headshots ready', 'Photos submitted', '3 photos added', 'Added on their behalf']) await lead.getByText(words, { exact: true }).waitFor();
  assert.equal(await lead.getByLabel('Job title').inputValue(), 'Head of Photography');
  assert.equal(await lead.locator('.photo-grid .badge').count(), 1, 'the favourite is marked');
  await until(() => loaded(lead.locator('.photo-grid img').first()), 'the pictures', PATIENCE);
  await look(lead, 'person', '09-person');
});

test('they get another try and an address, and are not removed in passing', async () => {
  await lead.getByRole('link', { name: 'Grant a retry' }).click();
  const dialog = lead.getByRole('dialog', { name: 'Grant Inês Duarte a retry' });
  await dialog.waitFor();
  await look(lead, 'person', '10-retry');
  await dialog.getByRole('button', { name: 'Grant retry' }).click();
  await lead.getByText('Inês Duarte can make headshots once more.').waitFor();
  await look(lead, 'person', '11-retried');

  const address = lead.getByLabel('E-mail address');
  await address.fill('nora@northlight.example');
  await lead.getByRole('button', { name: 'Give this address' }).click();
  await lead.locator('[aria-invalid=true]').waitFor();
  assert.equal(await address.inputValue(), 'nora@northlight.example', 'nothing typed is lost');
  await look(lead, 'person', '12-address-taken');
  await address.fill('ines@northlight.example');
  await lead.getByRole('button', { name: 'Give this address' }).click();
  await lead.getByText('Inês Duarte can sign in by this address now.').waitFor();
  assert.equal(await address.count(), 0);

  await lead.getByRole('link', { name: 'Remove Inês Duarte' }).click();
  const question = lead.getByRole('dialog', { name: 'Remove Inês Duarte' });
  await question.getByText('deleted for good').waitFor();
  await look(lead, 'person', '13-remove');
  await question.getByLabel('To confirm, type').fill('someone else');
  await question.getByRole('button', { name: 'Remove' }).click();
  await question.getByText('That was another name; nothing was removed.').waitFor();
  await look(lead, 'person', '14-remove-refused');
  await question.getByRole('link', { name: 'Keep' }).click();
  await lead.goto(admin(`/members/${person}`));
  await lead.getByRole('heading', { level: 1, name: 'Inês Duarte' }).waitFor();
  await look(lead, 'person', '15-person-with-address');
});

test('the owner makes an admin and hands over, and the audit log has all of it', async () => {
  await lead.goto(admin('/settings/access'));
  await look(lead, 'person', '16-access');
  await lead.getByLabel('Address of a member').fill('nobody@northlight.example');
  await lead.getByRole('button', { name: 'Make admin' }).click();
  await lead.locator('[aria-invalid=true]').waitFor();
  await look(lead, 'person', '17-access-unknown');
  await lead.getByLabel('Address of a member').fill('luca@northlight.example');
  await lead.getByRole('button', { name: 'Make admin' }).click();
  const luca = lead.getByRole('row').filter({ hasText: 'Luca Moretti' });
  await luca.getByText('Admin', { exact: true }).waitFor();
  await look(lead, 'person', '18-access-admin');
  await luca.getByRole('link', { name: /Make member/ }).click();
  const question = lead.getByRole('dialog');
  await question.getByText('Make Luca Moretti a member').waitFor();
  await look(lead, 'person', '19-demote');
  await lead.goto(admin('/settings/access'));

  await lead.getByLabel('New owner').selectOption({ label: 'Luca Moretti' });
  await lead.getByRole('button', { name: 'Hand over' }).click();
  const over = lead.getByRole('dialog', { name: /over to Luca Moretti/ });
  await over.waitFor();
  await look(lead, 'person', '20-hand-over');
  const organization = await over.locator('label strong').innerText();
  await over.getByLabel('To confirm, type').fill(organization);
  await over.getByRole('button', { name: 'Hand over' }).click();
  await luca.getByText('Owner', { exact: true }).waitFor();
  assert.equal(await lead.getByLabel('New owner').count(), 0, 'whoever handed over decides no more');
  await look(lead, 'person', '21-handed-over');

  await lead.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Audit log' }).click();
  await lead.waitForURL('**/settings/audit');
  const log = await lead.locator('tbody').innerText();
  for (const words of ['Inês Duarte', 'Luca Moretti']) assert.ok(log.includes(words), `${words} in ${log}`);
  await look(lead, 'person', '22-audit');
});

test('the row of tabs shows where one is, however narrow the window', async () => {
  await lead.setViewportSize({ width: 390, height: 844 });
  for (const part of ['access', 'single-sign-on', 'two-factor', 'reminders', 'privacy', 'audit']) {
    await lead.goto(admin(`/settings/${part}`));
    const here = await lead.getByRole('navigation', { name: 'Settings' }).locator('[aria-current]').boundingBox();
    assert.ok(here.x >= 0 && here.x + here.width <= 390, `the tab of ${part} is at ${here.x}, ${here.width} wide`);
    await lead.screenshot({ path: join(album('person'), `23-tabs-${part}.png`) });
  }
  // Also in a window that becomes narrow later, and in the bar below it.
  await lead.setViewportSize({ width: 1280, height: 800 });
  await lead.goto(admin('/settings/audit'));
  await lead.setViewportSize({ width: 390, height: 844 });
  const row = (name) => lead.getByRole('navigation', { name });
  // The bar has no room for the settings: they are under "More".
  for (const here of [row('Settings').locator('[aria-current]'), row('Administration').locator('summary.here')]) {
    await until(async () => {
      const box = await here.boundingBox();
      return box.x >= 0 && box.x + box.width <= 390;
    }, 'where one is to come into sight');
  }
  await lead.setViewportSize({ width: 1280, height: 800 });
  for (const part of ['single-sign-on', 'two-factor', 'privacy']) {
    await lead.goto(admin(`/settings/${part}`));
    await look(lead, 'person', `23-settings-${part}`);
  }
  await lead.goto(`${headroom.url}/account`);
  await look(lead, 'person', '24-account');
  await lead.goto(admin('/members'));
  await look(lead, 'person', '25-members');
});

test('no page complained', () => assert.deepEqual(complaints, []));
