// Shows the code for the phone in a dialog, so that the page stays open and what the phone adds appears on it.
const form = document.querySelector('form[data-handoff]');
const dialog = document.querySelector('#handoff');
if (form && dialog) {
  const picture = dialog.querySelector('[data-handoff-code]');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.action, { method: 'POST', headers: { accept: 'application/json' } });
      if (!answer.ok) throw new Error(answer.status);
      picture.src = (await answer.json()).picture;
      dialog.showModal();
    } catch {
      // The page of its own says what is wrong.
      form.submit();
    }
  });
  // A code left on a screen signs in whoever passes.
  dialog.addEventListener('close', () => picture.removeAttribute('src'));
}
