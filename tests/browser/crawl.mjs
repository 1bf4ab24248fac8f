// Goes through the pages of a demo by the links on them, as someone who is signed in.
import assert from 'node:assert/strict';
import { signIn, until } from './headroom.mjs';

const FILES = /\.(csv|json|zip|webp|png|jpe?g|svg|css|mjs|ics|toml)$/;
const MOST_PAGES = 250;

/** A signed-in browser of someone of the demo, whatever language it asks for from then on. */
export async function someone(chromium, headroom, address, options = {}) {
  const outbox = () => fetch(`${headroom.url}/dev/outbox.json`);
  // A connection kept from before may have been closed in this very moment: then a new one answers.
  const mails = async () => (await (await outbox().catch(outbox)).json())
    .filter((one) => one.to === address && one.text.includes('/auth/link/'));
  const before = new Set((await mails()).map(({ id }) => id));
  const page = await (await chromium.newContext({ locale: 'en' })).newPage();
  await page.goto(`${headroom.url}/team-access`);
  await page.getByLabel('Work e-mail').fill(address);
  await page.getByRole('button').first().click();
  const mail = await until(async () => (await mails()).find(({ id }) => !before.has(id)), `the way in of ${address}`);
  await signIn(page, mail.text.match(/http:\/\/\S+\/auth\/link\/\S+/)[0]);
  const storageState = await page.context().storageState();
  await page.context().close();
  return (await chromium.newContext({ ...options, storageState })).newPage();
}

/** What a page is one of: its path and the names of what it is asked, without what tells one row from another. */
function kind(url) {
  const path = url.pathname.replace(/[0-9a-f]{24}|[a-z]+_[0-9A-Za-z-]{8,}|[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id');
  const asked = [...url.searchParams.keys()].filter((name) => !['after', 'before', 'from', 'to'].includes(name)).sort();
  const named = ['add', 'tab', 'ask', 'state', 'part'].map((name) => url.searchParams.get(name) ?? '').join(',');
  return `${path}?${asked}=${named}`;
}

/** Pages from `begin` on, as long as `within` lets them through: their addresses and what they hold. */
export async function pages(headroom, request, begin, within) {
  const [seen, waiting, found] = [new Set(), [...begin], []];
  while (waiting.length > 0) {
    assert.ok(found.length < MOST_PAGES, 'pages without end');
    const url = new URL(waiting.shift().replaceAll('&#38;', '&').replaceAll('&amp;', '&'), headroom.url);
    url.hash = '';
    if (url.origin !== headroom.url || FILES.test(url.pathname) || seen.has(kind(url)) || !within(url.pathname)) continue;
    seen.add(kind(url));
    const answer = await request.get(url.href, { headers: { accept: 'text/html' } });
    if (!/^text\/html/.test(answer.headers()['content-type'] ?? '')) continue;
    const html = await answer.text();
    assert.ok(answer.status() < 500, `${url.href} answered ${answer.status()}`);
    found.push({ address: url.pathname + url.search, html });
    waiting.push(...[...html.matchAll(/<a [^>]*?href="([^"]+)"/g)].map(([, href]) => href));
  }
  return found;
}
