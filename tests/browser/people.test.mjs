// Members and invites as a place to work: selected, moved, reminded, removed; reminders set up; a wrong address corrected.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { browser, letGo, signIn, start } from './headroom.mjs';
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
const box = (name) => lead.getByRole('checkbox', { name: `Select ${name}` });
const said = () => lead.locator('.toast').innerText();

async function names() {
  return lead.locator('tbody .name').allInnerTexts();
}

test('several members are selected, moved and found again where they were', async () => {
  await lead.goto(page('/members?sort=name'));
  const all = await names();
  assert.ok(all.length > 3);
  const button = lead.getByRole('button', { name: 'Move', exact: true });
  assert.ok(await button.isDisabled(), 'nobody is selected yet');
  await look(lead, 'people', 'members');

  await box(all[1]).check();
  await lead.locator('[data-select-words]').getByText('1 selected').waitFor();
  await lead.getByRole('checkbox', { name: '1 selected' }).check();
  assert.equal(await lead.locator('tbody input:checked').count(), all.length);
  await look(lead, 'people', 'members-selected');
  await lead.getByRole('checkbox', { name: `${all.length} selected` }).uncheck();

  await box(all[1]).check();
  await box(all[2]).check();
  await lead.getByLabel('Team to move to').selectOption({ label: 'No team' });
  await button.click();
  await lead.waitForURL('**/members?sort=name');
  assert.match(await said(), /Took \d pe|in no team already/);
  await box(all[1]).check();
  await box(all[2]).check();
  const team = await lead.getByLabel('Team to move to').locator('option').nth(2).innerText();
  await lead.getByLabel('Team to move to').selectOption({ label: team });
  await button.click();
  await lead.getByText(`Moved 2 people to ${team}.`).waitFor();
});

test('a removal says what goes and does nothing on a slip of the finger', async () => {
  await lead.goto(page('/members'));
  const all = await names();
  await lead.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await lead.getByRole('button', { name: 'Remove', exact: true }).click();
  const dialog = lead.getByRole('dialog');
  await dialog.getByText('leads your organization').waitFor();
  await look(lead, 'people', 'remove');
  await dialog.getByLabel('To confirm, type').fill('remove');
  await dialog.getByRole('button', { name: 'Remove members' }).click();
  await dialog.getByText('so nobody was removed').waitFor();
  await dialog.getByRole('link', { name: 'Keep' }).click();
  await lead.goto(page('/members'));
  assert.deepEqual(await names(), all);

  const who = all.find((name) => name !== all.at(-1));
  await box(who).check();
  await lead.getByRole('button', { name: 'Remove', exact: true }).click();
  const wanted = await dialog.locator('label[for=confirm-name] strong').innerText();
  await dialog.getByLabel('To confirm, type').fill(wanted);
  await look(lead, 'people', 'remove-one');
  await dialog.getByRole('button', { name: 'Remove member' }).click();
  await lead.getByText(/^Removing .+\.$/).first().waitFor();
  await letGo(headroom, lead);
  assert.ok(!(await names()).includes(who));
});

test('someone who joined is reminded by their row, and the list says so', async () => {
  await lead.goto(page('/members?state=joined'));
  const button = lead.locator('tbody').getByRole('button', { name: /^Remind/ }).first();
  await button.click();
  await lead.getByText(/^Reminded .+\.$/).first().waitFor();
  assert.equal(new URL(lead.url()).search, '?state=joined');
  await lead.locator('tbody .hint').getByText('Just now').first().waitFor();
});

test('the list is a file for spreadsheets', async () => {
  await lead.goto(page('/members?sort=name'));
  const [download] = await Promise.all([lead.waitForEvent('download'), lead.getByRole('link', { name: 'Export as CSV' }).click()]);
  assert.equal(download.suggestedFilename(), 'members.csv');
  const text = await readFile(await download.path(), 'utf8');
  assert.equal(text.trim().split('\r\n').length, (await names()).length + 1);
});

test('invites are reminded of one by one and together', async () => {
  await lead.goto(page('/invites'));
  await look(lead, 'people', 'invites');
  const all = await names();
  await lead.getByRole('button', { name: `Remind ${all[0]}` }).click();
  await lead.getByText(`Reminded ${all[0]}.`).waitFor();
  await lead.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await lead.locator('#selected').getByRole('button', { name: 'Remind' }).click();
  await lead.getByText(/Left out 1 reminded within the last day/).waitFor();
  await look(lead, 'people', 'invites-reminded');
});

test('reminders are set up, previewed and described', async () => {
  await lead.goto(page('/settings/reminders'));
  await lead.getByLabel('Days after the invite').fill('2, 5, 9');
  await lead.getByLabel('From', { exact: true }).selectOption('22');
  await lead.getByLabel('Time zone').fill('Europe/Berlin');
  await lead.getByRole('button', { name: 'Save reminders' }).click();
  await lead.getByText('reminded 2, 5 and 9 days after the invite').waitFor();
  await lead.frameLocator('iframe').getByRole('link', { name: 'Start' }).waitFor();
  await look(lead, 'people', 'reminders');
  await lead.getByLabel('Days after the invite').fill('40');
  await lead.getByRole('button', { name: 'Save reminders' }).click();
  await lead.getByText('is no list of days').waitFor();
  await look(lead, 'people', 'reminders-wrong');
});

test('without script, the boxes and buttons work as plain forms', async () => {
  const context = await chromium.newContext({ javaScriptEnabled: false, storageState: await lead.context().storageState() });
  const plain = await context.newPage();
  await plain.goto(page('/members?sort=name'));
  await plain.getByRole('button', { name: 'Remind', exact: true }).click();
  await plain.getByText('Select at least one person first.').waitFor();
  await plain.locator('tbody input[type=checkbox]').first().check();
  await plain.getByRole('button', { name: 'Remove', exact: true }).click();
  await plain.getByRole('dialog').waitFor();
  await plain.getByRole('link', { name: /Keep|Close/ }).click();
  assert.equal(new URL(plain.url()).search, '?sort=name');
  await context.close();
});

test('no page complained', () => assert.deepEqual(complaints, []));
