// Checks addresses while they are typed: the cheap part here and at once, the rest by asking the server. Puts what a file
// holds among them.
import { many, t } from './words.mjs';

const WAIT = 350;
const SHOWN = 200;
const WORDS = {
  bad: t('Not an e-mail address'),
  duplicate: t('Already in this list'),
};
const SHAPE = /^[^\s@<>"(),;:]+@[^\s@<>"(),;:.]+(\.[^\s@<>"(),;:.]+)+$/;

// `Kim Lee <kim@acme.test>`, as mail programs copy it; the server reads more forms than this.
const NAMED = /("[^"\n]*"|[^",;\n<>@])*<([^<>\n]*)>/g;

function local(text) {
  const seen = new Set();
  return text.split('\n').flatMap((line, nth) => line.replace(NAMED, ' $2 ').split(/[\s,;]+/).filter(Boolean).map((piece) => {
    const email = piece.toLowerCase();
    const verdict = !SHAPE.test(email) ? 'bad' : seen.has(email) ? 'duplicate' : 'new';
    if (verdict === 'new') seen.add(email);
    return { number: nth + 1, text: piece, verdict, words: WORDS[verdict] ?? '' };
  }));
}

for (const form of document.querySelectorAll('form[data-invite-check]')) {
  const area = form.querySelector('textarea');
  const report = form.querySelector('[data-report]');
  const row = form.querySelector('template[data-report-line]');
  const button = form.querySelector('[data-invite-button]');
  const told = form.querySelector('[data-report-told]');
  const file = form.querySelector('input[type=file]');
  const fileTold = form.querySelector('[data-file-told]');
  const most = Number(area.dataset.most);
  const idle = button.textContent;
  let timer;
  let asking;

  function item(verdict, number, text, words) {
    const made = row.content.cloneNode(true).firstElementChild;
    if (verdict) made.dataset.verdict = verdict;
    made.querySelector('[data-number]').textContent = number;
    made.querySelector('[data-text]').textContent = text;
    made.querySelector('[data-words]').textContent = words;
    return made;
  }

  function draw(lines, odd, count) {
    const items = lines.slice(0, SHOWN).map((line) => item(line.verdict, t('Line {n}', { n: line.number }), line.text, line.words));
    if (odd > items.length) items.push(item('', '', t('And {n} more', { n: odd - items.length }), ''));
    report.replaceChildren(...items);
    report.hidden = odd === 0;
    const all = odd + count;
    const tooMany = all > most;
    button.textContent = count === 0 || tooMany ? idle : many('Invite {n} member', 'Invite {n} members', count);
    button.disabled = (all > 0 && count === 0) || tooMany;
    told.textContent = all === 0 ? ''
      : tooMany ? t('These are {all} addresses. At most {most} can be invited at once: send the first {most}, then the rest.', { all, most })
        : odd ? t('{n} to invite, {odd} left out', { n: count, odd }) : t('{n} to invite', { n: count });
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(form.dataset.inviteCheck, {
        method: 'POST',
        headers: { 'content-type': 'text/plain;charset=utf-8', accept: 'application/json' },
        body: area.value,
        signal: asking.signal,
      });
      if (!answer.ok) return;
      const { lines, odd, new: count } = await answer.json();
      draw(lines, odd, count);
    } catch {
      // Offline or overtaken by more typing: the server checks again when the form is sent.
    }
  }

  function check() {
    const lines = local(area.value);
    const odd = lines.filter((line) => line.verdict !== 'new');
    draw(odd, odd.length, lines.length - odd.length);
    clearTimeout(timer);
    asking?.abort();
    if (lines.length && lines.length <= most) timer = setTimeout(ask, WAIT);
  }

  // The server finds the addresses in a file, so that it is read the same with and without this module.
  async function read() {
    const [chosen] = file.files;
    if (!chosen) return;
    fileTold.textContent = t('Reading {file}', { file: chosen.name });
    try {
      const answer = await fetch(form.dataset.inviteFile, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', accept: 'application/json' },
        body: chosen,
      });
      const said = await answer.json();
      if (!answer.ok) {
        fileTold.textContent = said.error;
        file.value = '';
        return;
      }
      const before = area.value.trimEnd();
      area.value = before ? `${before}\n${said.text}` : said.text;
      file.value = '';
      fileTold.textContent = `${t('Read {file}.', { file: chosen.name })} ${said.words}`.trim();
      check();
    } catch {
      // Offline: the file stays chosen, and goes along when the form is sent.
      fileTold.textContent = '';
    }
  }

  area.addEventListener('input', check);
  file.addEventListener('change', read);
  if (area.value.trim()) check();
}
