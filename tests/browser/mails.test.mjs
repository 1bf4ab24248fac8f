// Mails an organization makes its own: its words while they are typed, the sender, what leads hear of, and the words of consent.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { album, browser, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

let chromium, headroom, lead;
const complaints = [];
const settings = (rest) => `${headroom.url}/app/admin/settings/${rest}`;

before(async () => {
  [chromium, headroom] = [await browser(), await start()];
  lead = await (await chromium.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  watch(lead, complaints);
  await signIn(lead, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

const framed = (page = lead) => page.frameLocator('iframe:not([hidden])').last();

test('the sender is set and the mails are listed', async () => {
  await lead.goto(settings('mail'));
  await lead.getByLabel('Name').fill('Northlight People');
  await lead.getByLabel('Answers go to').fill('people@northlight.example');
  await lead.getByLabel('Signature').fill('Kind regards\nYour people team');
  await lead.getByRole('button', { name: 'Save sender' }).click();
  await lead.getByText('Saved the sender.').waitFor();
  await look(lead, 'mails', 'mails');
});

test('a mail is seen as it is typed', async () => {
  await lead.goto(settings('mail/invite'));
  await framed().getByRole('link', { name: 'Start' }).waitFor();
  await lead.getByLabel('Subject').fill('Your photo for {organization}');
  await lead.getByLabel('Text', { exact: true }).fill('Dear colleague,\n\n{inviter} invites you to a new photo.\n\n{button}\n\nUntil {valid_until}.\n\n{code}');
  await lead.getByLabel('On the button').fill('Show me');
  await framed().getByRole('link', { name: 'Show me' }).waitFor();
  await framed().locator('td').getByText('Dear colleague,', { exact: true }).last().waitFor();
  assert.match(await lead.locator('[data-preview-subject]').innerText(), /^Your photo for /);
  await lead.getByLabel('Dark').check();
  await until(() => framed().locator('body').evaluate((body) => getComputedStyle(body).backgroundColor === 'rgb(27, 25, 24)'), 'the dark mail');
  await lead.getByLabel('390, a phone').check();
  const frame = await lead.locator('iframe:not([hidden])').boundingBox();
  assert.ok(frame.width <= 390, `${frame.width}`);
  await lead.locator('.mail-frame').screenshot({ path: join(album('mails'), 'frame-dark.png') });
  await look(lead, 'mails', 'mail-typed');
  await lead.getByLabel('Text', { exact: true }).fill('Nobody can sign in by this.');
  await lead.getByText('{button} is missing').waitFor();
  await look(lead, 'mails', 'mail-wrong');
  await lead.getByRole('button', { name: 'Save', exact: true }).click();
  await lead.locator('#body-error').waitFor();
  assert.equal(await lead.getByLabel('Text', { exact: true }).inputValue(), 'Nobody can sign in by this.');
  await lead.getByLabel('Text', { exact: true }).fill('Hello.\n\n{button}\n\n{code}');
  await lead.getByRole('button', { name: 'Save', exact: true }).click();
  await lead.getByText('Saved the mail.').waitFor();
  await lead.getByRole('button', { name: 'Send a test to myself' }).click();
  await lead.getByText(/stays in the outbox/).first().waitFor();
  const test = await until(async () => {
    const all = await (await fetch(headroom.said.outbox.replace(/(\.json)?$/, '.json'))).json();
    return all.find((mail) => mail.subject.startsWith('Test: Your photo for '));
  }, 'the test');
  assert.match(test.text, /Hello\.\n\nShow me:/);
  assert.match(test.text, /Kind regards\nYour people team/);
  await lead.goto(settings('mail/invite'));
  await lead.getByRole('button', { name: 'Back to our text' }).click();
  await lead.getByText('The mail has our text again.').waitFor();
});

test('every mail can be looked at', async () => {
  await lead.goto(settings('mail'));
  const all = await lead.locator('table a.name').evaluateAll((links) => links.map((link) => link.href));
  assert.ok(all.length > 20, `${all.length}`);
  for (const href of all) {
    await lead.goto(href);
    await framed().locator('h1').waitFor();
    const wide = await framed().locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
    assert.ok(wide <= 0, `${href} is too wide`);
  }
  for (const name of ['digest', 'security', 'deleted', 'bounced']) {
    await lead.goto(settings(`mail/${name}`));
    await framed().locator('h1').waitFor();
    await lead.locator('.mail-frame').screenshot({ path: join(album('mails'), `frame-${name}.png`) });
    await look(lead, 'mails', `mail-${name}`);
  }
});

test('without script the preview is a button', async () => {
  const context = await chromium.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 800 }, storageState: await lead.context().storageState() });
  const plain = await context.newPage();
  await plain.goto(settings('mail/submitted'));
  await plain.getByLabel('Heading').fill('They are here');
  await plain.getByRole('button', { name: 'Preview', exact: true }).click();
  await plain.frameLocator('iframe').getByText('They are here').waitFor();
  await plain.getByRole('button', { name: 'As plain text' }).click();
  await plain.frameLocator('iframe').getByText(/^From: Northlight People/).waitFor();
  await context.close();
});

test('a lead chooses what to hear of', async () => {
  await lead.goto(settings('notifications'));
  await lead.getByRole('group', { name: /Someone chose a favourite/ }).getByLabel('Never').check();
  await lead.getByRole('button', { name: 'Save', exact: true }).click();
  await lead.getByText('Saved what you hear of.').waitFor();
  assert.ok(await lead.getByRole('group', { name: /Someone chose a favourite/ }).getByLabel('Never').isChecked());
  await look(lead, 'mails', 'notifications');
});

test('words of consent are written, looked at and kept as versions', async () => {
  await lead.goto(settings('privacy/consent'));
  await lead.getByLabel('Text', { exact: true }).fill('I agree that headshots are made of me.\n\nThey are kept for a year. I can take this back under “Your data”.');
  await lead.getByRole('button', { name: 'Preview' }).click();
  await lead.getByText('Nothing is saved yet.').waitFor();
  await look(lead, 'mails', 'consent-draft');
  await lead.getByRole('button', { name: 'Save as version 1' }).click();
  await lead.getByText('Version 1 is in force.').first().waitFor();
  await look(lead, 'mails', 'consent-versions');
  await lead.getByRole('link', { name: 'Version 1' }).click();
  await lead.getByText('Written by').waitFor();
});

test('the browser had nothing to complain of', () => assert.deepEqual(complaints, []));
