// The search over any page of the lead: the same results as its own page, fetched while one types. The way to that page opens
// it, and so do Ctrl K and ⌘ K. What was chosen or looked at lately comes first; this browser keeps only where that was, and
// signing out forgets it.
import { many, t } from './words.mjs';

const KEPT = 'headroom-recent';
const KEPT_PLACES = 12;

const palette = document.querySelector('[data-palette]');
if (palette) {
  const field = palette.querySelector('input');
  const list = palette.querySelector('[data-palette-list]');
  const told = palette.querySelector('[data-palette-told]');
  const answers = new Map();
  let asked, underway, opener;

  const apple = /Mac|iP(hone|ad)/.test(navigator.platform);
  for (const keys of document.querySelectorAll('[data-palette-keys]')) {
    keys.textContent = apple ? '⌘ K' : 'Ctrl K';
    keys.hidden = false;
  }
  for (const way of document.querySelectorAll('[data-palette-open]')) {
    way.setAttribute('aria-keyshortcuts', apple ? 'Meta+K' : 'Control+K');
    way.setAttribute('aria-haspopup', 'dialog');
    way.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
    // Whoever is about to press it finds the results there already.
    way.addEventListener('pointerenter', () => ask(''), { once: true });
  }

  document.addEventListener('keydown', (event) => {
    if (event.key?.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (palette.open) palette.close();
    else if (!document.querySelector('dialog:modal')) open();
  });
  document.addEventListener('palette', open);

  function open() {
    if (palette.open) return;
    opener = document.activeElement;
    field.value = '';
    palette.showModal();
    field.focus();
    search();
  }

  palette.addEventListener('close', () => {
    answers.clear();
    asked = undefined;
    list.replaceChildren();
    if (opener?.isConnected) opener.focus({ preventScroll: true });
  });
  palette.querySelector('[data-palette-close]').addEventListener('click', () => palette.close());
  palette.addEventListener('pointerdown', (event) => { if (event.target === palette) palette.close(); });

  field.addEventListener('input', search);
  field.form.addEventListener('submit', (event) => {
    event.preventDefault();
    choose(chosen());
  });
  field.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    const within = event.key === 'Home' || event.key === 'End';
    // Escape empties a search field before it closes anything; here it closes.
    if (event.key === 'Escape') {
      event.preventDefault();
      palette.close();
    } else if (event.key === 'n' && event.ctrlKey && !event.altKey) {
      event.preventDefault();
      move(1);
    } else if (event.key === 'p' && event.ctrlKey && !event.altKey) {
      event.preventDefault();
      move(-1);
    } else if (step && !(within && field.value)) {
      event.preventDefault();
      move(step);
    }
  });
  list.addEventListener('pointermove', (event) => {
    const option = event.target.closest('[role=option]');
    if (option && (event.movementX || event.movementY)) mark(option, false);
  });
  list.addEventListener('click', (event) => {
    const option = event.target.closest('[role=option]');
    if (option) remember(option);
  });

  const options = () => [...list.querySelectorAll('[role=option]')];
  const chosen = () => list.querySelector('[aria-selected=true]');

  function move(step) {
    const all = options();
    if (all.length === 0) return;
    const at = all.indexOf(chosen()) + step;
    const next = Number.isFinite(step) ? (at + all.length) % all.length : step < 0 ? 0 : all.length - 1;
    mark(all[next], true);
  }

  function mark(option, intoSight) {
    chosen()?.setAttribute('aria-selected', 'false');
    option.setAttribute('aria-selected', 'true');
    field.setAttribute('aria-activedescendant', option.id);
    if (intoSight) option.scrollIntoView({ block: 'nearest' });
  }

  async function choose(option) {
    // Whoever types and presses Enter at once means what is found for all of it.
    if (asked !== undefined && asked !== field.value.trim()) await underway;
    (option?.isConnected ? option : chosen())?.click();
  }

  function remember(option) {
    const path = option.getAttribute('href');
    if (path && !option.hasAttribute('download')) keep(path);
    // A way within this page, or a file, leaves the palette where it was.
    palette.close();
  }

  function search() {
    underway = show(field.value.trim());
  }

  async function show(typed) {
    let html;
    try {
      html = await ask(typed);
    } catch {
      html = `<p class="nothing">${t('The server doesn’t answer. Try again in a moment.')}</p>`;
    }
    // An answer that was overtaken is worth nothing.
    if (!palette.open || typed !== field.value.trim() || html === undefined) return;
    asked = typed;
    const found = new DOMParser().parseFromString(html, 'text/html').body;
    for (const group of found.querySelectorAll('section')) group.setAttribute('role', 'group');
    for (const between of found.querySelectorAll('ul, li, form, h2')) between.setAttribute('role', 'none');
    found.querySelectorAll('.result').forEach((result, nth) => {
      result.id = `palette-option-${nth}`;
      result.setAttribute('role', 'option');
      result.setAttribute('aria-selected', 'false');
      result.tabIndex = -1;
    });
    list.replaceChildren(...found.childNodes);
    const all = options();
    told.textContent = all.length === 0 ? t('Nothing found') : many('{n} result', '{n} results', all.length);
    // Words that say why there is nothing to choose from are no list.
    if (all.length > 0) list.setAttribute('role', 'listbox');
    else list.removeAttribute('role');
    list.ariaLabel = all.length > 0 ? t('Results') : null;
    field.setAttribute('aria-expanded', String(all.length > 0));
    field.removeAttribute('aria-activedescendant');
    if (all.length > 0) mark(all[0], true);
  }

  // One answer for each text, also while it is on its way.
  function ask(typed) {
    if (!answers.has(typed)) {
      const query = new URLSearchParams({ part: 'results', q: typed });
      if (!typed) query.set('recent', kept().filter((path) => path !== location.pathname).join(','));
      const answer = fetch(`/app/admin/search?${query}`, { headers: { accept: 'text/html' } }).then((found) => {
        if (found.ok) return found.text();
        throw new Error(String(found.status));
      });
      answer.catch(() => answers.delete(typed));
      answers.set(typed, answer);
    }
    return answers.get(typed);
  }

  // Signed out in another window, say: the next page shows what is so.
  window.addEventListener('pageshow', ({ persisted }) => { if (persisted && palette.open) palette.close(); });
  if (/^\/app\/admin\/(members\/[0-9a-f]{24}|[a-z-]+(\/[a-z-]+)?)?$/.test(location.pathname)) keep(location.pathname);
}

function kept() {
  try {
    const places = JSON.parse(localStorage.getItem(KEPT) ?? '[]');
    return Array.isArray(places) ? places.filter((place) => typeof place === 'string') : [];
  } catch {
    return [];
  }
}

function keep(path) {
  if (path === '/app/admin/search') return;
  try {
    localStorage.setItem(KEPT, JSON.stringify([path, ...kept().filter((other) => other !== path)].slice(0, KEPT_PLACES)));
  } catch {
    // A browser that keeps nothing begins with all pages.
  }
}
