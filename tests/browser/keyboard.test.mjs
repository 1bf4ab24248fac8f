// A lead who has no mouse: people are invited, moved to a team, removed and exported by keys alone. Wherever the focus stops, it is
// seen; after a dialog it is back where it was.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { browser, signIn, start } from './headroom.mjs';
import { watch } from './look.mjs';

/** More stops than this and nobody would go on. */
const MOST_STOPS = 80;

let chromium, headroom, lead;
const complaints = [];

before(async () => {
  [chromium, headroom] = [await browser(), await start({ args: ['dev', '--seconds', '600'] })];
  lead = await (await chromium.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true })).newPage();
  watch(lead, complaints);
  await signIn(lead, headroom.said.ownerSignIn);
  // Whatever would use the mouse from here on fails.
  for (const way of ['click', 'dblclick', 'tap', 'hover', 'check', 'uncheck', 'fill']) {
    lead[way] = () => { throw new Error(`${way} is not done by keys`); };
  }
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

/** What has the focus: its words, and whether that is seen. */
function focused() {
  return lead.evaluate(() => {
    const one = document.activeElement;
    if (!one || one === document.body) return { words: '', seen: true, tag: 'BODY' };
    // The field of the palette is the whole of its upper part, which changes its line.
    const shown = one.closest('.palette > form') ?? one;
    const style = getComputedStyle(one);
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
    const box = one.getBoundingClientRect();
    const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const labels = [...(one.labels ?? [])].map((label) => label.innerText).join(' ');
    const words = one.getAttribute('aria-label') || labels || one.innerText || one.value || one.name || '';
    return { words: words.trim().replace(/\s+/g, ' '), seen: inside && (outlined || shown !== one), tag: one.tagName };
  });
}

/** Goes on by Tab until what has the focus is called so; each stop on the way has to be seen. */
async function reach(words, { back = false } = {}) {
  const stops = [];
  for (let nth = 0; nth < MOST_STOPS; nth += 1) {
    await lead.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    const stop = await focused();
    stops.push(stop.words || stop.tag);
    assert.ok(stop.seen, `the focus is not seen at "${stop.words}" (${stop.tag})`);
    if (words instanceof RegExp ? words.test(stop.words) : stop.words === words) return stop;
  }
  throw new Error(`"${words}" was not reached: ${stops.join(' → ')}`);
}

const said = () => lead.locator('.toast').innerText();

test('inviting', async () => {
  await lead.keyboard.press('Tab');
  assert.equal((await focused()).words, 'Skip to the content');
  await lead.keyboard.press('Enter');
  await reach('Add member');
  await lead.keyboard.press('Enter');
  await lead.getByRole('dialog', { name: 'Add member' }).waitFor();
  if ((await focused()).tag !== 'TEXTAREA') await reach(/e-?mail|address/i);
  await lead.keyboard.type('keys@northlight.example');
  await lead.keyboard.press('Escape');
  assert.equal((await focused()).words, 'Add member', 'the focus is back at what opened the dialog');

  await lead.keyboard.press('Enter');
  await lead.getByRole('dialog', { name: 'Add member' }).waitFor();
  if ((await focused()).tag !== 'TEXTAREA') await reach(/e-?mail|address/i);
  await lead.keyboard.press('Control+a');
  await lead.keyboard.type('keys@northlight.example');
  await reach(/^(Send|Invite)/);
  await lead.keyboard.press('Enter');
  await lead.getByText(/keys@northlight\.example|Invited|invite/i).first().waitFor();
  const mails = await (await fetch(`${headroom.url}/dev/outbox.json`)).json();
  assert.ok(mails.some((mail) => mail.to === 'keys@northlight.example'));
});

test('moving to a team', async () => {
  await lead.goto(`${headroom.url}/app/admin`);
  await lead.keyboard.press('g');
  await lead.keyboard.press('m');
  await lead.waitForURL('**/members');
  await lead.keyboard.press('j');
  assert.ok((await focused()).seen);
  await lead.keyboard.press('j');
  await lead.keyboard.press('x');
  await lead.getByText('1 selected').waitFor();
  await reach('Team to move to', { back: true });
  await lead.keyboard.press('ArrowDown');
  await lead.keyboard.press('ArrowDown');
  await reach('Move');
  await lead.keyboard.press('Enter');
  await lead.locator('.toast').waitFor();
  assert.match(await said(), /Moved|Took|already/);
});

test('removing', async () => {
  await lead.goto(`${headroom.url}/app/admin/members?q=carla`);
  await lead.keyboard.press('j');
  await lead.keyboard.press('Enter');
  await lead.waitForURL(/\/members\/[0-9a-f]{24}$/);
  const name = await lead.locator('h1').innerText();
  await reach(`Remove ${name}`);
  await lead.keyboard.press('Enter');
  const dialog = lead.getByRole('dialog');
  await dialog.waitFor();
  await lead.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal((await focused()).words, `Remove ${name}`, 'the focus is back at what opened the dialog');
  await lead.keyboard.press('Enter');
  await dialog.waitFor();
  if ((await focused()).tag !== 'INPUT') await reach(/To confirm/);
  await lead.keyboard.type(await dialog.locator('label strong').innerText());
  await reach(/^Remove/);
  await lead.keyboard.press('Enter');
  await lead.waitForURL((url) => url.pathname === '/app/admin/members');
  await lead.locator('.toast').getByText(/^Removing /).waitFor();
});

test('exporting, by a key and by the search', async () => {
  await lead.goto(`${headroom.url}/app/admin/members`);
  const file = lead.waitForEvent('download');
  await lead.keyboard.press('Control+k');
  await lead.locator('#palette [role=option]').first().waitFor();
  await lead.keyboard.type('csv');
  await lead.locator('#palette [aria-selected=true]').getByText('Export members as CSV').waitFor();
  assert.ok((await focused()).seen);
  await lead.keyboard.press('Enter');
  assert.match(await readFile(await (await file).path(), 'utf8'), /keys@|@northlight\.example/);
  await reach('Export as CSV');
  const again = lead.waitForEvent('download');
  await lead.keyboard.press('Enter');
  await again;
  assert.deepEqual(complaints, []);
});
