// Shortcuts of single keys on the lead's pages, for who lives there: `g m` goes to the members, `/` to the search of a list,
// `j` and `k` move in it, `x` marks, `a` adds a member, `?` lists them all. Never while something is typed, never in a dialog,
// and off for whoever switched them off: to people who dictate, every word would be a handful of them.
const OFF = 'headroom-keys=off';
const PATIENCE = 1500;

const dialog = document.querySelector('[data-keys]');
if (dialog) {
  const on = dialog.querySelector('[data-keys-on]');
  const ways = new Map([...dialog.querySelectorAll('[data-go]')].map(({ dataset }) => [dataset.go, dataset.href]));
  let begun = '', forgotten;

  // A cookie, since signing out empties the browser's storage. It says nothing about who it is.
  const off = () => document.cookie.split('; ').includes(OFF);
  on.checked = !off();
  on.addEventListener('change', () => {
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `${OFF}; Path=/app/admin; SameSite=Lax${secure}; Max-Age=${on.checked ? 0 : 31536000}`;
    shown();
  });

  for (const button of document.querySelectorAll('[data-keys-open]')) {
    button.hidden = false;
    button.addEventListener('click', list);
  }
  shown();

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off()) return;
    if (typing(event.target) || document.querySelector('dialog:modal, details.menu[open]')) return;
    const typed = `${begun}${event.key}`;
    const deed = DEEDS[typed] ?? (ways.has(typed) ? () => location.assign(ways.get(typed)) : undefined);
    clearTimeout(forgotten);
    begun = '';
    if (deed) {
      if (deed(event) !== false) event.preventDefault();
    } else if (event.key === 'g' && !event.shiftKey) {
      begun = 'g ';
      forgotten = setTimeout(() => { begun = ''; }, PATIENCE);
    }
  });

  const DEEDS = {
    '?': list,
    '/': () => {
      const field = document.querySelector('main input[type=search]');
      if (field) {
        field.focus();
        field.select();
      } else {
        document.dispatchEvent(new CustomEvent('palette'));
      }
    },
    a: () => {
      const way = document.querySelector('a[data-dialog-open="#add-member"]');
      if (way) way.click();
      else location.assign('/app/admin/members?add=invite');
    },
    j: () => move(1),
    k: () => move(-1),
    x: () => {
      const box = row()?.querySelector('input[type=checkbox]');
      if (!box) return false;
      box.click();
      return true;
    },
    Enter: ({ target }) => {
      // A link or a button opens what it is for.
      if (!target.matches('input[type=checkbox]')) return false;
      const way = row()?.querySelector('a[href]');
      way?.click();
      return way !== undefined && way !== null;
    },
  };

  const rows = () => [...document.querySelectorAll('main tbody > tr, main .endpoints > li, main .list > li:has(a), main .found li')];
  const row = () => rows().find((one) => one.contains(document.activeElement));

  function move(step) {
    const all = rows();
    if (all.length === 0) return false;
    const at = all.indexOf(row());
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
    const held = row() && document.activeElement.matches('input[type=checkbox]');
    const wanted = held ? 'input[type=checkbox]' : 'a.name, a[href]';
    const place = next.querySelector(wanted) ?? next.querySelector('a[href], button, input:not([type=hidden])');
    place?.focus();
    next.scrollIntoView({ block: 'nearest' });
    return true;
  }

  function list() {
    if (!dialog.open) dialog.showModal();
  }

  function shown() {
    for (const key of document.querySelectorAll('.side .foot kbd, .found .by')) key.hidden = off();
  }
}

function typing(target) {
  if (!(target instanceof Element)) return false;
  if (target.matches('input')) return !target.matches('[type=checkbox], [type=radio], [type=button], [type=submit]');
  return target.matches('textarea, select') || target.isContentEditable;
}
