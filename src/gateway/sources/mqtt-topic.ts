// Filters of topics (MQTT 3.1.1, section 4.7): `+` stands for one level, `#` at the end for any number.

export function isTopicFilter(text: string): boolean {
  if (text.length === 0 || text.length > 512 || text.includes('\0')) return false;
  const levels = text.split('/');
  return levels.every(
    (level, at) =>
      !/[+#]/u.test(level) || level === '+' || (level === '#' && at === levels.length - 1),
  );
}

export function hasWildcard(filter: string): boolean {
  return /[+#]/u.test(filter);
}

/** What the wildcards stand for, their levels joined by `/`; undefined where the topic is another. */
export function matchTopic(filter: string, topic: string): string | undefined {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  const found: string[] = [];
  for (const [at, level] of wanted.entries()) {
    if (level === '#') return [...found, ...levels.slice(at)].join('/');
    const here = levels[at];
    if (here === undefined) return undefined;
    if (level === '+') found.push(here);
    else if (level !== here) return undefined;
  }
  return levels.length === wanted.length ? found.join('/') : undefined;
}
