// Buttons that stay down until they are pressed again, such as Like, without loading the page. The forms work without this;
// and where an answer doesn't come, they are sent as they are.
for (const form of document.querySelectorAll('form[data-press]')) {
  const button = form.querySelector('button');

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = 'yes';
    const body = new URLSearchParams({ set: button.value });
    try {
      const answer = await fetch(form.action, { method: 'POST', headers: { accept: 'application/json' }, body });
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.json();
      show(button, said[form.dataset.press === 'like' ? 'liked' : 'favourite']);
    } catch {
      const value = Object.assign(document.createElement('input'), { type: 'hidden', name: 'set', value: button.value });
      form.append(value);
      form.submit();
    } finally {
      delete form.dataset.sent;
    }
  });

  // There is one favourite only.
  function show(pressed, on) {
    if (on && form.dataset.press === 'favourite') {
      for (const other of document.querySelectorAll('form[data-press=favourite] button')) set(other, false);
    }
    set(pressed, on);
  }
}

function set(button, on) {
  button.setAttribute('aria-pressed', String(on));
  button.value = String(!on);
}

// A page that comes back from the browser's memory shows what was true when it was left.
window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
