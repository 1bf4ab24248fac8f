// Checks addresses while they are typed: the cheap part here and at once, the rest by asking the server.
const WAIT = 350;
const WORDS = {
  bad: 'Not an e-mail address',
  duplicate: 'Already in this list',
};
const SHAPE = /^[^\s@<>"(),;:]+@[^\s@<>"(),;:.]+(\.[^\s@<>"(),;:.]+)+$/;

// `Kim Lee <kim@acme.test>`, as mail programs copy it; the server reads more forms than this.
const NAMED = /("[^"\n]*"|[^",;\n<>@])*<([^<>\n]*)>/g;

function local(text) {
  const seen = new Set();
  return text.replace(NAMED, ' $2 ').split(/[\s,;]+/).filter(Boolean).map((piece) => {
    const email = piece.toLowerCase();
    const verdict = !SHAPE.test(email) ? 'bad' : seen.has(email) ? 'duplicate' : 'new';
    if (verdict === 'new') seen.add(email);
    return { text: piece, email, verdict, words: WORDS[verdict] ?? '' };
  });
}

for (const form of document.querySelectorAll('form[data-invite-check]')) {
  const area = form.querySelector('textarea');
  const report = form.querySelector('[data-report]');
  const row = form.querySelector('template[data-report-line]');
  const button = form.querySelector('[data-invite-button]');
  const told = form.querySelector('[data-report-told]');
  const idle = button.textContent;
  let timer;
  let asking;

  function draw(lines, count) {
    const odd = lines.filter((line) => line.verdict !== 'new');
    report.replaceChildren(...odd.map((line) => {
      const item = row.content.cloneNode(true).firstElementChild;
      item.dataset.verdict = line.verdict;
      item.querySelector('[data-text]').textContent = line.text;
      item.querySelector('[data-words]').textContent = line.words;
      return item;
    }));
    report.hidden = odd.length === 0;
    button.textContent = count === 0 ? idle : count === 1 ? 'Invite 1 member' : `Invite ${count} members`;
    button.disabled = lines.length > 0 && count === 0;
    told.textContent = lines.length === 0 ? '' : `${count} to invite${odd.length ? `, ${odd.length} left out` : ''}`;
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
      const { lines, new: count } = await answer.json();
      draw(lines, count);
    } catch {
      // Offline or overtaken by more typing: the server checks again when the form is sent.
    }
  }

  function check() {
    const lines = local(area.value);
    draw(lines, lines.filter((line) => line.verdict === 'new').length);
    clearTimeout(timer);
    asking?.abort();
    if (lines.length) timer = setTimeout(ask, WAIT);
  }

  area.addEventListener('input', check);
  if (area.value.trim()) check();
}
