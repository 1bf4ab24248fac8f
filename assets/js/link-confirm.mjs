// The token has no business in the address bar, nor in what the browser remembers of it.
const asking = document.querySelector('form[data-clean-address]');
if (asking) history.replaceState(history.state, '', asking.action);

// Spares a person the press of the button, but never signs a mail scanner in: the page has to be
// visible and focused, and somebody has to have moved, typed or come to it.
const form = document.querySelector('form[data-link-confirm]');
if (form) {
  const SIGNS = ['pointermove', 'keydown', 'focus'];
  let pressed = false;

  function press(event) {
    if (pressed || !event.isTrusted) return;
    if (document.visibilityState !== 'visible' || !document.hasFocus()) return;
    pressed = true;
    for (const sign of SIGNS) window.removeEventListener(sign, press);
    form.requestSubmit();
  }

  for (const sign of SIGNS) window.addEventListener(sign, press);
}
