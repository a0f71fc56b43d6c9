// Bytes as people write them down.

/** As `hexdump -C` (with its column of text) or like `xxd` prints them. */
export function dumpOf(bytes: Uint8Array, style: 'hexdump' | 'xxd'): string {
  const lines: string[] = [];
  const offsetOf = (at: number) => at.toString(16).padStart(8, '0');
  for (let at = 0; at < bytes.length; at += 16) {
    const part = Buffer.from(bytes.subarray(at, at + 16));
    const text = part.toString('latin1').replaceAll(/[^ -~]/gu, '.');
    const pairs = part.toString('hex').match(/.{1,4}/gu) as string[];
    lines.push(
      style === 'xxd'
        ? `${offsetOf(at)}: ${pairs.join(' ').padEnd(39)}  ${text}`
        : `${offsetOf(at)}  ${spaced(part).padEnd(48)}  |${text}|`,
    );
  }
  return `${[...lines, ...(style === 'xxd' ? [] : [offsetOf(bytes.length)])].join('\n')}\n`;
}

function spaced(part: Buffer): string {
  const pairs = [...part].map((byte) => byte.toString(16).padStart(2, '0'));
  return [pairs.slice(0, 8).join(' '), pairs.slice(8).join(' ')].join('  ').trimEnd();
}
