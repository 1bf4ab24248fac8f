// The API reference works without any of this, but for trying requests: the contents can be filtered and follow the reader,
// the samples keep to one language, and requests are sent from the page.
const LANGUAGE = 'headroom-language';
const KEY = 'headroom-key';
const PATIENCE = 30_000;
const HEADERS = ['X-Request-Id', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'ETag',
  'Idempotent-Replayed', 'Retry-After', 'Allow'];

/** Storage may be forbidden; then nothing is remembered. */
function remembered(storage, name) {
  try { return window[storage].getItem(name); } catch { return null; }
}
function remember(storage, name, value) {
  try { window[storage].setItem(name, value); } catch { /* see above */ }
}

// One language for all samples.
const languages = [...document.querySelectorAll('[data-language]')];
function speak(language) {
  document.documentElement.dataset.language = language;
  for (const button of languages) button.setAttribute('aria-pressed', String(button.dataset.language === language));
}
for (const button of languages) {
  button.addEventListener('click', () => {
    // Samples above change their length too: what was pressed stays where it is.
    const before = button.getBoundingClientRect().top;
    speak(button.dataset.language);
    window.scrollBy({ top: button.getBoundingClientRect().top - before, behavior: 'instant' });
    remember('localStorage', LANGUAGE, button.dataset.language);
  });
}
const spoken = remembered('localStorage', LANGUAGE);
if (languages.some((button) => button.dataset.language === spoken)) speak(spoken);

// The contents: filtered as one types, "/" goes there, Enter to the first that is left.
for (const contents of document.querySelectorAll('.contents')) {
  const search = contents.querySelector('[data-find]');
  search.closest('label').hidden = false;
  const links = [...contents.querySelectorAll('li a')];
  const find = () => {
    const wanted = search.value.trim().toLowerCase();
    for (const link of links) {
      link.parentElement.hidden = !`${link.textContent} ${link.dataset.words ?? ''}`.toLowerCase().includes(wanted);
    }
    let left = 0;
    for (const part of contents.querySelectorAll('[data-part]')) {
      part.hidden = !part.querySelector('li:not([hidden])');
      left += part.hidden ? 0 : 1;
    }
    contents.querySelector('[data-none]').hidden = left > 0;
  };
  search.addEventListener('input', find);
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') contents.querySelector('li:not([hidden]) a')?.click();
    if (event.key === 'Escape' && search.value) {
      search.value = '';
      find();
      event.stopPropagation();
    }
  });
}
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.metaKey || event.ctrlKey || event.target.closest('input, textarea, select')) return;
  const search = [...document.querySelectorAll('[data-find]')].find((one) => one.checkVisibility());
  if (!search) return;
  event.preventDefault();
  search.focus();
});

// On a narrow window the contents are a menu: it closes once something was chosen.
const menu = document.querySelector('[data-contents]');
menu.addEventListener('click', (event) => { if (event.target.closest('a')) menu.open = false; });
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !menu.open) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});
document.addEventListener('pointerdown', (event) => { if (menu.open && !menu.contains(event.target)) menu.open = false; });

// The contents say where the reader is: in the last section that has begun in the upper third of the window.
const sections = [...document.querySelectorAll('[data-section]')];
let here;
function follow() {
  const line = window.innerHeight / 3;
  const end = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
  const begun = sections.filter((section) => section.getBoundingClientRect().top <= line);
  const now = (end ? sections : begun).at(-1)?.id;
  if (!now || now === here) return;
  here = now;
  for (const link of document.querySelectorAll('.contents a[aria-current]')) link.removeAttribute('aria-current');
  for (const link of document.querySelectorAll(`.contents a[href="#${CSS.escape(now)}"]`)) {
    link.setAttribute('aria-current', 'true');
    const contents = link.closest('.contents');
    if (!contents.checkVisibility()) continue;
    const [box, around] = [link.getBoundingClientRect(), contents.getBoundingClientRect()];
    if (box.top < around.top + 48 || box.bottom > around.bottom - 48) {
      contents.scrollTop += box.top - around.top - around.height / 2;
    }
  }
}
let due = false;
function soon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; follow(); });
}
window.addEventListener('scroll', soon, { passive: true });
window.addEventListener('resize', soon, { passive: true });
follow();

// Trying a request. The key is typed once for all of them, and forgotten with the tab.
const keys = [...document.querySelectorAll('[data-key]')];
for (const field of keys) {
  field.value = remembered('sessionStorage', KEY) ?? '';
  field.addEventListener('input', () => {
    for (const other of keys) if (other !== field) other.value = field.value;
    remember('sessionStorage', KEY, field.value);
  });
}

function element(name, words, attributes = {}) {
  const made = document.createElement(name);
  if (words !== undefined) made.textContent = words;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The address as the form has it. The page knows where the API is: beside itself. */
function address(form, fields) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const field of fields.filter((one) => one.value !== '')) {
    if (field.dataset.place === 'path') path = path.replace(`{${field.name}}`, encodeURIComponent(field.value.trim()));
    if (field.dataset.place === 'query') query.set(field.name, field.value.trim());
  }
  return location.pathname.replace(/\/api\/docs\/?$/, '') + path + (query.size ? `?${query}` : '');
}

async function send(form, outcome) {
  const fields = [...form.querySelectorAll('[data-place]')];
  const body = form.querySelector('[data-body]')?.value.trim();
  const headers = { Authorization: `Bearer ${form.querySelector('[data-key]').value.trim()}` };
  for (const field of fields) if (field.dataset.place === 'header' && field.value) headers[field.name] = field.value.trim();
  if (body) headers['Content-Type'] = 'application/json';
  const where = address(form, fields);
  outcome.replaceChildren(element('p', 'Sending…'));
  const began = performance.now();
  try {
    const answer = await fetch(where, {
      method: form.dataset.try, headers, body: body || undefined,
      credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await answer.text();
    outcome.replaceChildren(...told(answer, text, Math.round(performance.now() - began), `${form.dataset.try} ${where}`));
  } catch (error) {
    const words = {
      TimeoutError: 'No answer within 30 seconds. The server may still be working on it: look before you send it again.',
      TypeError: 'The server can’t be reached, or a header holds letters it can’t carry. Check both, then send it again.',
    }[error.name];
    outcome.replaceChildren(element('p', words ?? 'The request could not be sent. Check its fields.'));
  }
}

function told(answer, text, milliseconds, asked) {
  const result = element('p', undefined, { class: 'result' });
  const tone = answer.ok || answer.status === 304 ? 'good' : 'bad';
  const status = element('strong', `${answer.status} ${answer.statusText}`.trim(), { class: `status ${tone}` });
  result.append(status, element('span', `${milliseconds} ms`), element('code', asked));
  const facts = element('dl');
  for (const name of HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) facts.append(element('dt', name), element('dd', value));
  }
  const parts = [result, facts];
  if (text) {
    const shown = element('pre', undefined, { tabindex: '0', role: 'group', 'aria-label': 'The reply' });
    shown.append(coloured(pretty(text)));
    parts.push(shown);
  }
  return parts;
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

/** Addresses are longer than lines: these are the places where they may break. */
function breakable(text) {
  return text.split(/(?<=[/?&])/).flatMap((part, nth) => (nth ? [element('wbr'), part] : [part]));
}

/** As the server does it: texts in colour, names of fields not, and each line in a box of its own. */
function coloured(text) {
  const code = element('code');
  for (const line of text.split(/(?<=\n)/)) {
    const box = element('span', undefined, { class: `line in-${Math.min(5, line.search(/\S|$/) >> 1)}` });
    let at = 0;
    for (const match of line.matchAll(/"(?:[^"\\]|\\.)*"(:?)/g)) {
      if (match[1]) continue;
      const string = element('span', undefined, { class: 'string' });
      string.append(...breakable(match[0]));
      box.append(line.slice(at, match.index), string);
      at = match.index + match[0].length;
    }
    box.append(line.slice(at));
    code.append(box);
  }
  return code;
}

for (const form of document.querySelectorAll('form[data-try]')) {
  const button = form.querySelector('button.primary');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    await send(form, form.querySelector('[data-outcome]'));
    button.disabled = false;
    button.focus();
  });
}
