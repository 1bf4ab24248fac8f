// What an organization asks its people: set by a lead, answered on the way to the photos, seen and changed on the person's page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, invite, letGo, signIn, start } from './headroom.mjs';
import { look, watch } from './look.mjs';

let chromium, headroom, lead, wanda;
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

const settings = (rest = '') => `${headroom.url}/app/admin/settings/questions${rest}`;

/** Adds a question by the form. */
async function ask(question, kind, choices, required) {
  await lead.goto(settings('?add'));
  await lead.getByLabel('Question', { exact: true }).and(lead.locator('input')).fill(question);
  await lead.getByLabel(kind).check();
  if (choices) await lead.getByLabel('Answers to choose from').fill(choices);
  await lead.getByLabel('Required').setChecked(required);
  await lead.getByRole('button', { name: 'Add question' }).click();
  await lead.locator('.questions strong', { hasText: question }).waitFor();
}

test('a lead asks three questions and puts them in order', async () => {
  await lead.goto(settings());
  await look(lead, 'questions', 'none');
  await lead.getByRole('link', { name: 'Add a question' }).click();
  await look(lead, 'questions', 'add');
  assert.ok(!(await lead.getByLabel('Answers to choose from').isVisible()), 'a line of words offers nothing to choose from');
  await ask('Which office do you work in?', 'Choice', 'Berlin\nLisbon\nRemote', true);
  await ask('My headshot may go on the website', 'Checkbox', '', false);
  await ask('Since when are you with us, and in which of our many departments, if you know it?', 'Text', '', false);
  await lead.getByRole('button', { name: /^Up.*My headshot may go on the website/ }).click();
  const rows = await lead.locator('.questions tbody tr').allInnerTexts();
  assert.match(rows[0], /My headshot may go on the website/);
  await look(lead, 'questions', 'several');
  await lead.getByRole('link', { name: 'Change Which office do you work in?' }).click();
  await look(lead, 'questions', 'change');
});

test('someone answers them before their photos', async () => {
  wanda = await (await chromium.newContext({ viewport: { width: 390, height: 844 } })).newPage();
  watch(wanda, complaints);
  await invite(headroom, lead, 'wanda@northlight.example', wanda);
  await wanda.getByLabel('Your name').fill('Wanda Okafor');
  await wanda.locator('input[value="female"]').check();
  // As a browser without its own checks sends it.
  await wanda.locator('form.section').evaluate((form) => { form.noValidate = true; });
  await wanda.getByRole('button', { name: 'Continue' }).click();
  await wanda.getByText('Choose an answer.').waitFor();
  assert.equal(await wanda.getByLabel('Your name').inputValue(), 'Wanda Okafor');
  await look(wanda, 'questions', 'you-unanswered');
  await wanda.getByLabel('Which office do you work in?').selectOption('Lisbon');
  await wanda.getByLabel('My headshot may go on the website').check();
  await wanda.getByRole('button', { name: 'Continue' }).click();
  await wanda.waitForURL('**/onboarding/photos');
  await wanda.goto(`${headroom.url}/team-member/answers`);
  assert.equal(await wanda.getByLabel('Which office do you work in?').inputValue(), 'Lisbon');
  await look(wanda, 'questions', 'answers');
});

test('the lead sees and changes the answers, and a removed question takes them along', async () => {
  await lead.goto(`${headroom.url}/app/admin/members?q=wanda`);
  await lead.getByRole('link', { name: 'Wanda Okafor' }).first().click();
  await lead.getByLabel('Which office do you work in?').selectOption('Remote');
  await look(lead, 'questions', 'person');
  await lead.getByRole('button', { name: 'Save answers' }).click();
  assert.equal(await lead.getByLabel('Which office do you work in?').inputValue(), 'Remote');
  await lead.goto(settings());
  await lead.getByRole('link', { name: 'Remove Which office do you work in?' }).click();
  assert.match(await lead.locator('dialog[open]').innerText(), /one answer/);
  await look(lead, 'questions', 'remove');
  await lead.getByRole('button', { name: 'Remove question' }).click();
  await lead.getByText('Removing "Which office do you work in?" and 1 answer.').waitFor();
  await look(lead, 'questions', 'removing');
  await letGo(headroom, lead);
  assert.equal(await lead.locator('.questions tbody tr').count(), 2);
});

test('no page complained', () => assert.deepEqual(complaints, []));
