// What scripts say, in the language of the page. `t('Line {n}', { n })` and `many('{n} photo', '{n} photos', n)`: the English text
// is the message, and the server finds them here by exactly this form, in single quotes. Other languages than English come as one
// table, which the browser keeps for good.
const { lang: language, dataset } = document.documentElement;
const table = dataset.words ? await read(dataset.words) : {};

async function read(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? await answer.json() : {};
  } catch {
    return {}; // English is better than nothing.
  }
}

const format = new Intl.NumberFormat(language || 'en');

/** A number as people write it in this language. */
export const number = (value) => format.format(value);

function filled(pattern, places) {
  return pattern.replaceAll(/\{(\w+)\}/g, (place, name) => {
    const value = places[name];
    if (value === undefined) return place;
    return typeof value === 'number' ? number(value) : String(value);
  });
}

// A context, which tells two meanings of one text apart, is not shown.
const shown = (text) => text.slice(text.indexOf('|') + 1);

/** The message with its places filled. */
export function t(text, places = {}) {
  return filled(table[text]?.[0] ?? shown(text), places);
}

/** One that depends on a number, which it calls `{n}`. */
export function many(one, other, n, places = {}) {
  const several = language === 'fr' ? n > 1 : n !== 1;
  return filled(table[one]?.[several ? 1 : 0] ?? shown(n === 1 ? one : other), { n, ...places });
}
