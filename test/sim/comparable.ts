// Replies in the form in which they are compared: what is nobody's business (the order of KEYS, how much time is left of a
// TTL) is taken out of them, as the model does not give it.

const TIME_LEFT = ':1\r\n';

/** The reply to the request `words` (outside of a transaction). */
export function comparable(words: readonly string[], reply: string): string {
  const name = words.at(0)?.toUpperCase();
  if (name === 'PTTL' && /^:\d/.test(reply)) return TIME_LEFT;
  if (name === 'KEYS' && reply.startsWith('*')) return sorted(reply);
  return reply;
}

/** An array of bulks, its elements in order. */
function sorted(reply: string): string {
  const headEnd = reply.indexOf('\r\n') + 2;
  const items: string[] = [];
  for (let at = headEnd; at < reply.length;) {
    const line = reply.indexOf('\r\n', at);
    const end = line + 2 + Number(reply.slice(at + 1, line)) + 2;
    items.push(reply.slice(at, end));
    at = end;
  }
  return reply.slice(0, headEnd) + items.sort().join('');
}
