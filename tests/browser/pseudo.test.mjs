// Every page in a language nobody speaks, `en-XA`: English with accents, a third longer, between ⟦ and ⟧. What stands outside of
// these is no message; what no longer fits has no room for German. Then in the languages themselves, narrow.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pages, someone } from './crawl.mjs';
import { browser, start } from './headroom.mjs';

const LEAD = 'nora@northlight.example';
const NARROW = { width: 390, height: 844 };
const WIDE = { width: 1280, height: 800 };

/** What is the same in any language: names of people and teams of the demo, of languages, of programs. */
const NAMES = new Set(`Northlight Studio Nora Lindqvist Luca Moretti Mei Tanaka Sam Okafor Priya Raman Jonas Weber Carla Reyes Design Sales Demo
  English Deutsch Español Français Headroom JavaScript Python PHP Ruby curl CSV ZIP JSON API UTC JPEG PNG WebP Directory`.split(/\s+/));

/** Pages that show mails and consents, which stay in the language of whoever they were written for. */
const MAILS = /^\/app\/admin\/(outbox|settings\/(mail|privacy\/consent))|^\/team-member\/privacy/;

let chromium, headroom, people;

before(async () => {
  [chromium, headroom] = [await browser(), await start({ args: ['dev', '--seconds', '900'] })];
  const lead = await someone(chromium, headroom, LEAD);
  const listed = await (await lead.context().request.get(`${headroom.url}/app/admin/members`)).text();
  people = [...new Set(listed.match(/[a-z.]+@northlight\.example/g))].filter((address) => address !== LEAD);
});
after(async () => {
  await chromium?.close();
  await headroom?.stop();
});

/** Whose pages, where they begin, and how far they go. */
function* tours() {
  const admin = (path) => path.startsWith('/app/admin') || path.startsWith('/account');
  yield [LEAD, ['/app/admin', '/account', '/app/admin/members?add=invite', '/app/admin/members?add=link', '/app/admin/members?add=managed',
    '/app/admin/search?q=zzzz', '/app/admin/webhooks?add=endpoint', '/app/admin/nothing'], admin];
  const steps = ['you', 'photos', 'style', 'review'].map((step) => `/team-member/onboarding/${step}`);
  for (const address of people) {
    yield [address, ['/team-member', '/team-member/waiting', '/team-member/privacy', ...steps], (path) => path.startsWith('/team-member')];
  }
  yield [null, ['/', '/signin', '/signup', '/team-access', '/auth/link/none', '/setup', '/nothing'], (path) => !/^\/(app|api|assets|dev)/.test(path)];
}

/** Shows every page of a tour to `judge`. */
async function tour(locale, [address, begin, within], judge) {
  const page = address
    ? await someone(chromium, headroom, address, { locale })
    : await (await chromium.newContext({ locale })).newPage();
  const found = await pages(headroom, page.context().request, begin, within);
  for (const { address: path } of found) {
    await page.goto(headroom.url + path);
    await judge(page, `${path} (${locale})`);
  }
  await page.context().close();
  return found.length;
}

/** What reaches beyond the window. */
function tooWide(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** The words on a page that are outside of any message. */
function outside(page) {
  return page.evaluate(() => {
    const found = [];
    let depth = 0;
    const read = (text, keep) => {
      let kept = '';
      for (const letter of text) {
        if (letter === '⟦') depth += 1;
        else if (letter === '⟧') depth -= 1;
        else if (depth === 0 && keep) kept += letter;
      }
      if (kept.trim()) found.push(kept.trim());
    };
    const verbatim = 'script, style, noscript, code, kbd, pre, textarea, template, svg, [lang]:not(html), [translate="no"]';
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        read(node.data, !node.parentElement.closest(verbatim));
      } else if (!node.closest(verbatim)) {
        for (const name of ['aria-label', 'placeholder', 'title', 'alt', 'data-label']) {
          const before = depth;
          read(node.getAttribute(name) ?? '', true);
          depth = before;
        }
      }
    }
    return found;
  });
}

/** Of these words, those that are English and no names. */
function english(found) {
  return found
    .map((text) => text
      .replace(/\S+@\S+|https?:\S+|\S+\.(example|test|com|csv|jpg|webp|png)\b\S*|\w+(\.\w+)+|\S*[\d_:/]\S*/g, ' ')
      .split(/[^\p{L}]+/u)
      .filter((word) => word.length > 2 && !NAMES.has(word))
      .join(' '))
    .filter(Boolean);
}

test('every word is a message, and has room to grow', async () => {
  const wrong = new Set();
  let seen = 0;
  for (const way of tours()) {
    seen += await tour('en-XA', way, async (page, where) => {
      for (const words of MAILS.test(where) ? [] : english(await outside(page))) wrong.add(`${where.replace(/\?.*| .*/, '')}: ${words}`);
      for (const size of [NARROW, WIDE]) {
        await page.setViewportSize(size);
        const beyond = await tooWide(page);
        if (beyond > 0) wrong.add(`${where} is ${beyond} px wider than ${size.width}`);
      }
    });
  }
  assert.ok(seen > 60, `${seen} pages`);
  assert.deepEqual([...wrong], []);
});

for (const [locale, language] of [['de-AT', 'de'], ['es-MX', 'es'], ['fr', 'fr']]) {
  test(`pages in ${language} fit a phone`, async () => {
    const wrong = [];
    for (const way of [...tours()].filter(([address]) => address === LEAD || address === people[0] || address === null)) {
      await tour(locale, way, async (page, where) => {
        assert.equal(await page.evaluate(() => document.documentElement.lang), language, where);
        await page.setViewportSize(NARROW);
        const beyond = await tooWide(page);
        if (beyond > 0) wrong.push(`${where} is ${beyond} px wider than its window`);
      });
    }
    assert.deepEqual(wrong, []);
  });
}
