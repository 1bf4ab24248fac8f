// Tells the page of another product around this one, or the one that opened this window, how the model stands. Only sites
// that the organization has named hear it.
const { host, model } = document.body.dataset;
const listener = parent === window ? opener : parent;

if (listener && host !== undefined) {
  const named = host.split(' ').filter(Boolean);
  // A port of * is development's own; browsers that don't say who is around have no such pattern to send to.
  const allowed = (origin) => named.some((one) => one === origin || (one.endsWith(':*') && origin.startsWith(one.slice(0, -1))));
  const around = parent === window ? undefined : location.ancestorOrigins?.[0];
  const targets = around === undefined ? named.filter((one) => !one.endsWith(':*')) : [around].filter(allowed);

  let last;
  const tell = (event, more) => {
    const message = { schema: 'headshots', version: 1, event, at: new Date().toISOString(), ...more };
    for (const target of targets) listener.postMessage(message, target);
  };

  if (model === undefined) tell('session.ended');
  else follow(JSON.parse(model));

  function follow(now) {
    tell('page.loaded', { page: page(), model: now });
    notice(now);
    document.addEventListener('told', ({ detail }) => notice({ ...now, status: detail.status }));
    if (parent !== window) {
      let before;
      new ResizeObserver(() => {
        const height = needed();
        if (height !== before) tell('page.resized', { height });
        before = height;
      }).observe(document.querySelector('#main'));
    }
  }

  /** The height of what is on the page. The page itself is never lower than its frame. */
  function needed() {
    const main = document.querySelector('#main');
    const content = document.createRange();
    content.selectNodeContents(main);
    const { paddingTop, paddingBottom } = getComputedStyle(main);
    const around = [...main.parentElement.children].filter((part) => part !== main);
    const heights = [content.getBoundingClientRect().height, parseFloat(paddingTop), parseFloat(paddingBottom), ...around.map((part) => part.offsetHeight)];
    return Math.ceil(heights.reduce((sum, one) => sum + one, 0));
  }

  /** The first part of the address that means something to others. */
  function page() {
    const [, , first] = location.pathname.split('/');
    return ['onboarding', 'waiting', 'privacy'].includes(first) ? first : 'headshots';
  }

  /** What is another than on the page before. All of the first page is news. */
  function notice(now) {
    const before = remembered(now);
    if (before?.status !== now.status) {
      tell('model.status.updated', { model: now });
      if (now.status === 'active') tell('model.photos_ready', { model: now });
    }
    if (now.favorite && before?.favorite !== now.favorite) tell('model.favorite_selected', { model: now });
  }

  /** What was told last of this model, on this page or the one before; now it is this. */
  function remembered(now) {
    const before = last;
    last = now;
    try {
      const kept = sessionStorage.getItem(now._id);
      sessionStorage.setItem(now._id, JSON.stringify(now));
      return before ?? JSON.parse(kept);
    } catch {
      // Nothing may be kept in this frame: each page begins anew.
      return before;
    }
  }
}
