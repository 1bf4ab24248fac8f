// The dialog "Add member" in its three tabs, with and without JavaScript, and what an open link shows of itself.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, command, directory, letGo, signIn, start } from './headroom.mjs';
import { look, watch } from './look.mjs';

let chromium, headroom, data, lead;
const complaints = [];

before(async () => {
  [chromium, headroom, data] = [await browser(), await start({ args: ['dev', '--seconds', '2'] }), directory()];
  lead = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  watch(lead, complaints);
  await signIn(lead, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
  data.done();
});

const page = (rest = '') => `${headroom.url}/app/admin${rest}`;

function table(name, text) {
  const path = join(data.path, name);
  writeFileSync(path, text);
  return path;
}

test('addresses are typed, read from a file, looked at line by line and sent', async () => {
  await lead.goto(page());
  await lead.getByRole('link', { name: 'Add member' }).first().click();
  const dialog = lead.locator('#add-member');
  await dialog.getByLabel('E-mail addresses').waitFor();
  await look(lead, 'add-member', 'invite-empty');
  await dialog.getByLabel('E-mail addresses').fill('Ann <ann@acme.test>\nsam@acme\nann@acme.test');
  await dialog.getByText('1 to invite, 2 left out').waitFor();
  assert.match(await dialog.locator('[data-report]').innerText(), /Line 2\s+sam@acme\s+Not an e-mail address\s+Line 3\s+ann@acme.test\s+Already in this list/);
  await dialog.getByLabel('Or a CSV file').setInputFiles(table('people.csv', '\ufeffName;E-Mail\r\n"Lee; Kim";kim@acme.test\r\nLou;\r\nJo;jo.acme.test\r\n'));
  await dialog.getByText('Read people.csv. 1 row of the file has no address.').waitFor();
  await dialog.getByText('2 to invite, 3 left out').waitFor();
  await look(lead, 'add-member', 'invite-report');
  await dialog.getByRole('button', { name: 'Invite 2 members' }).click();
  await lead.getByText('Invited 2 people.').waitFor();
  assert.equal(await dialog.getByLabel('E-mail addresses').inputValue(), 'sam@acme\njo.acme.test');
  await look(lead, 'add-member', 'invite-left');

  await dialog.getByLabel('Or a CSV file').setInputFiles(table('people.xlsx.csv', 'PK\x03\x04'));
  await dialog.getByText('Save the table as CSV').waitFor();
  const many = Array.from({ length: 5001 }, (_, nth) => `person.${nth}@acme.test`).join('\n');
  await dialog.getByLabel('Or a CSV file').setInputFiles(table('many.csv', many));
  await dialog.getByText('These are 5,003 addresses. At most 5,000').waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'Send invites' }).isDisabled());
  assert.deepEqual(complaints, []);
});

test('an open link is made, copied, held up and revoked', async () => {
  await lead.goto(page('/members'));
  await lead.getByRole('link', { name: 'Add member' }).first().click();
  const dialog = lead.locator('#add-member');
  await dialog.getByRole('link', { name: 'Open invite' }).click();
  await dialog.getByLabel('Domains').waitFor();
  await look(lead, 'add-member', 'link-empty');
  await dialog.getByLabel('Domains').fill('acme');
  await dialog.getByRole('button', { name: 'Create invite link' }).click();
  await dialog.getByText('"acme" is not a domain.').waitFor();
  await dialog.getByLabel('Domains').fill('acme.test, acme.example');
  await dialog.getByLabel('Usage limit').fill('50');
  await dialog.getByLabel('Expires').fill('2036-03-01T18:00');
  await dialog.getByRole('button', { name: 'Create invite link' }).click();
  await dialog.getByText('Your link is ready').waitFor();
  await look(lead, 'add-member', 'link-made');
  const url = await dialog.locator('#made-link').innerText();
  assert.match(url, /\/organization\/join\/[0-9a-f]{24}$/);
  await lead.goto(page('?add=link'));
  await dialog.getByRole('button', { name: 'Create invite link' }).click();
  await dialog.getByText('Your link is ready').waitFor();

  await lead.goto(page('/invites?tab=links'));
  await look(lead, 'add-member', 'links');
  await lead.getByRole('link', { name: 'acme.test or acme.example' }).first().click();
  await lead.getByRole('img', { name: 'QR code of the invite link' }).waitFor();
  assert.ok(await lead.getByRole('img', { name: 'QR code of the invite link' }).evaluate((image) => image.complete && image.naturalWidth > 100));
  await look(lead, 'add-member', 'link-page');
  await lead.getByRole('button', { name: 'Revoke link' }).click();
  await lead.getByText('Revoking the link for acme.test or acme.example.').waitFor();
  await look(lead, 'add-member', 'link-revoke');
  await letGo(headroom, lead);
  await lead.goto(url);
  await lead.getByText('revoked').first().waitFor();
  assert.deepEqual(complaints, []);
});

test('someone is added on their behalf', async () => {
  await lead.goto(page('/members?add=managed'));
  const dialog = lead.locator('#add-member');
  await look(lead, 'add-member', 'managed');
  await dialog.getByLabel('Name').fill('Rosa Diaz');
  const known = (await lead.locator('.menu.me p').first().textContent()).trim();
  await dialog.getByLabel('E-mail').fill(known);
  await dialog.getByRole('button', { name: 'Add photos' }).click();
  await dialog.getByText('is a member of your organization already').waitFor();
  await look(lead, 'add-member', 'managed-refused');
  await dialog.getByLabel('E-mail').fill('rosa@acme.test');
  await dialog.getByLabel('Job title').fill('Chair');
  await dialog.getByRole('button', { name: 'Add photos' }).click();
  await lead.waitForURL(/\/team-member\/for\/[^/]+\/onboarding/);
});

test('without JavaScript', async () => {
  const plain = await (await chromium.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 }, storageState: await lead.context().storageState() })).newPage();
  await plain.goto(page('/members?add=invite'));
  const dialog = plain.locator('#add-member');
  await dialog.getByLabel('E-mail addresses').fill('lou@acme.test');
  await dialog.getByLabel('Or a CSV file').setInputFiles(table('more.csv', 'Mail,Name\nmax@acme.test,Max\nmia@acme,Mia\n'));
  await dialog.getByRole('button', { name: 'Send invites' }).click();
  await plain.getByText('Invited 2 people. 1 line left to correct.').waitFor();
  assert.equal(await dialog.getByLabel('E-mail addresses').inputValue(), 'mia@acme');
  await dialog.getByRole('link', { name: 'Open invite' }).click();
  await dialog.getByLabel('Usage limit').fill('3');
  await dialog.getByRole('button', { name: 'Create invite link' }).click();
  assert.match(await dialog.locator('#made-link').innerText(), /\/organization\/join\//);
  await dialog.getByRole('link', { name: 'On their behalf' }).click();
  await dialog.getByLabel('Name').fill('Max Roe');
  await dialog.getByRole('button', { name: 'Add photos' }).click();
  await plain.waitForURL(/\/team-member\/for\/[^/]+\/onboarding/);
});

test('without credits each tab leads to the page that says why, and nothing typed is lost', async () => {
  const made = command(data.path, 'org', 'create', '--name', 'Acme', '--owner', 'ada@acme.test');
  const server = await start({ args: ['serve', '--data', data.path], cwd: data.path });
  try {
    const ada = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    watch(ada, complaints);
    await signIn(ada, made.ownerSignIn.replace(/^https?:\/\/[^/]+/, server.url));
    for (const [add, words] of [['invite', 'To invite someone'], ['link', 'To make an open invite link'], ['managed', 'To add someone on their behalf']]) {
      await ada.goto(`${server.url}/app/admin?add=${add}`);
      await ada.getByRole('alert').getByText(words).waitFor();
    }
    await look(ada, 'add-member', 'no-credits');
    // The last credit goes while someone types: as the form of an older page does.
    await ada.evaluate(() => {
      const form = Object.assign(document.createElement('form'), { method: 'post', action: '/app/admin/links' });
      form.append(Object.assign(document.createElement('input'), { name: 'domains', value: 'acme.test' }));
      document.body.append(form);
      form.submit();
    });
    await ada.getByText('Your organization has no credits left.').waitFor();
    assert.equal(await ada.getByLabel('Domains').inputValue(), 'acme.test');
    await look(ada, 'add-member', 'no-credits-typed');
    assert.deepEqual(complaints, []);
  } finally {
    await server.stop();
  }
});
