// What a test's own thread has worked so far: work that must be bounded takes as long on a busy machine,
// where the clock on the wall goes on while others have the core.

export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
