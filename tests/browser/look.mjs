// Looks at a page as people do: wide and narrow, light and dark. Keeps a picture of each, and lets axe find what keeps
// someone out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { album } from './headroom.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const WIDTHS = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };

/** Each picture lands in target/screenshots; the page is left as wide as it was. */
export async function look(page, suite, name) {
  const before = page.viewportSize();
  const folder = album(suite);
  for (const [width, size] of Object.entries(WIDTHS)) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const shot = `${name}-${width}-${colorScheme}`;
      await page.screenshot({ path: join(folder, `${shot}.png`), fullPage: true });
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
      const found = violations.map((one) => `${one.id}: ${one.help} (${one.nodes.map((node) => node.html).join(' | ').slice(0, 300)})`);
      assert.deepEqual(found, [], `axe on ${shot}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(overflow <= 0, `${shot} is ${overflow} px wider than its window`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
  await page.setViewportSize(before);
}

/** Fails the test on whatever the browser complains of: scripts that throw, policies that are broken, files that are missing. */
export function watch(page, complaints) {
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error}`));
  page.on('console', (message) => {
    const expected = /the server responded with a status of 4(00|01|02|03|04|13|15|22)/.test(message.text());
    // A page that follows changes asks again for as long as the server is away.
    const away = new URL(message.location().url || page.url()).pathname.endsWith('/changes') && /net::ERR_/.test(message.text());
    if (message.type() === 'error' && !expected && !away) complaints.push(`${page.url()}: ${message.text()}`);
  });
}
