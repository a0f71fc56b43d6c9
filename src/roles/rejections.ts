// Counts of what was refused, by reason (design.md section 10): hostile or late input is counted and
// dropped, never thrown.

export type Rejections = Map<string, number>;

export function countRejection(rejections: Rejections, reason: string, count = 1): void {
  rejections.set(reason, (rejections.get(reason) ?? 0) + count);
}
