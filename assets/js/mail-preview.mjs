// Shows a mail while its words are typed. The server sets it, so what is seen is what is sent; the buttons are for pages without
// script.
const QUIET = 400;

const form = document.querySelector('form[data-mail-preview]');

if (form) {
  const place = form.querySelector('[data-preview-frame]');
  const subject = form.querySelector('[data-preview-subject]');
  const text = form.querySelector('[data-preview-text]');
  const trouble = form.querySelector('[data-preview-trouble]');
  let waiting;
  let asked = 0;

  const values = () => new URLSearchParams(new FormData(form));

  // A frame of its own for each look: the first page of a frame leaves no trace in the history, the next ones would.
  function show() {
    const old = place.querySelector('iframe');
    const frame = old.cloneNode(false);
    frame.removeAttribute('src');
    frame.name = `preview-${asked}`;
    frame.hidden = true;
    place.append(frame);
    const post = document.createElement('form');
    post.method = 'post';
    post.action = form.dataset.mailPreview;
    post.target = frame.name;
    post.hidden = true;
    for (const [name, value] of values()) {
      const field = document.createElement('textarea');
      field.name = name;
      field.value = value;
      post.append(field);
    }
    frame.addEventListener('load', () => {
      frame.hidden = false;
      for (const other of place.querySelectorAll('iframe')) if (other !== frame) other.remove();
    }, { once: true });
    document.body.append(post);
    post.submit();
    post.remove();
  }

  async function look() {
    asked += 1;
    const mine = asked;
    let told;
    try {
      const answer = await fetch(`${form.dataset.mailPreview}?as=json`, { method: 'POST', body: values() });
      if (!answer.ok) return;
      told = await answer.json();
    } catch {
      return; // Offline: what was seen last stays.
    }
    if (mine !== asked) return;
    const wrong = Object.values(told.errors).find(Boolean);
    trouble.hidden = !wrong;
    trouble.querySelector('span').textContent = wrong ?? '';
    if (wrong) return;
    subject.textContent = told.subject;
    text.textContent = told.text;
    show();
  }

  form.querySelector('[data-preview-buttons]').hidden = true;
  form.addEventListener('input', (event) => {
    if (event.target.name === 'width') return;
    clearTimeout(waiting);
    waiting = setTimeout(look, event.target.name === 'look' ? 0 : QUIET);
  });
}
