// Several trustees compute the same component's sum; here each component once, with who stands for it.

import type { EvidenceDocument } from '../../../src/server/wire.ts';

export interface ComponentSum {
  readonly component: number;
  /** The first holder's answer. */
  readonly hex: string;
  readonly holders: readonly string[];
  readonly isAgreed: boolean;
}

/** Of one channel, by component. */
export function componentSums(
  trustees: EvidenceDocument['trustees'],
  channel: string,
): ComponentSum[] {
  const found = new Map<number, ComponentSum>();
  for (const trustee of trustees) {
    for (const sum of trustee.maskSums) {
      const hex = sum.words.find((word) => word.channel === channel)?.hex;
      if (hex === undefined) continue;
      const known = found.get(sum.component);
      found.set(sum.component, {
        component: sum.component,
        hex: known?.hex ?? hex,
        holders: [...(known?.holders ?? []), trustee.name],
        isAgreed: (known?.isAgreed ?? true) && (known?.hex ?? hex) === hex,
      });
    }
  }
  return [...found.values()].sort((a, b) => a.component - b.component);
}
