// A double click must not post twice.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('[data-submit-once]') || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'yes';
  // After the browser has gathered the values: a disabled button would not be among them.
  setTimeout(() => {
    for (const button of form.querySelectorAll('button:not([type=button])')) button.disabled = true;
  });
});

// Coming back by the back button finds the form usable again.
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('button:not([type=button])')) button.disabled = false;
  }
});

// Whoever made a mistake goes on where it is, and sees it without scrolling.
document.querySelector('[aria-invalid="true"]')?.focus();
