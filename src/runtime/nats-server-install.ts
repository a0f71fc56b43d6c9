// Fetches Debian's nats-server without root: apt's own tools on a private apt root, so the machine's
// package state is untouched and signatures are checked by apt as always. Trixie's package runs on
// bookworm too, whose own (2.9) is too old.

import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const OLDEST_RELEASE_VERSION = 13;
const OLDEST_RELEASE = 'trixie';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const COMMAND_TIMEOUT_MS = 240_000;

/** Puts `nats-server` into `cacheDir`. Throws with apt's own words where it cannot. */
export async function installNatsServer(
  cacheDir: string,
  log: (line: string) => void,
): Promise<void> {
  const release = await debianRelease();
  const root = await mkdtemp(join(tmpdir(), 'streetwatt-apt-'));
  try {
    await makeAptRoot(root, release);
    const apt = ['-o', `Dir=${root}`, '-o', `Dir::State::status=${root}/var/lib/dpkg/status`];
    log(`reading Debian ${release.wanted}'s package list`);
    await runIn(root, 'apt-get', [...apt, 'update']);
    log('fetching the package nats-server');
    await runIn(root, 'apt-get', [...apt, 'download', 'nats-server']);
    const archive = (await readdir(root)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get download left no package');
    await runIn(root, 'dpkg-deb', ['-x', archive, 'unpacked']);
    await mkdir(cacheDir, { recursive: true });
    await copyFile(join(root, 'unpacked/usr/sbin/nats-server'), join(cacheDir, 'nats-server'));
    log(`unpacked ${archive} into ${cacheDir}`);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

interface Release {
  readonly codename: string;
  readonly wanted: string;
}

async function debianRelease(): Promise<Release> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1];
  const codename = field('VERSION_CODENAME');
  if (field('ID') !== 'debian' || codename === undefined) {
    throw new Error(
      'fetching nats-server works on Debian only: install nats-server 2.10 or newer and set NATS_SERVER_BIN.',
    );
  }
  // Testing and unstable have no VERSION_ID, and are newer than any release.
  const version = Number(field('VERSION_ID') ?? Number.POSITIVE_INFINITY);
  return { codename, wanted: version >= OLDEST_RELEASE_VERSION ? codename : OLDEST_RELEASE };
}

async function makeAptRoot(root: string, release: Release): Promise<void> {
  for (const folder of [
    'etc/apt/sources.list.d',
    'etc/apt/preferences.d',
    'etc/apt/apt.conf.d',
    'etc/apt/trusted.gpg.d',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
    'var/lib/dpkg',
  ]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeFile(join(root, 'var/lib/dpkg/status'), '');
  // The machine's proxy settings and trusted keys hold here as well.
  for (const folder of ['apt.conf.d', 'trusted.gpg.d', 'auth.conf.d']) {
    await cp(`/etc/apt/${folder}`, join(root, 'etc/apt', folder), { recursive: true }).catch(
      () => {},
    );
  }
  await writeFile(join(root, 'etc/apt/sources.list'), '');
  await writeFile(join(root, 'etc/apt/sources.list.d', 'debian.sources'), await sources(release));
}

/** The first of the machine's own Debian archives, for the wanted release, as a deb822 file. */
async function sources(release: Release): Promise<string> {
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const archive = file.endsWith('.sources')
      ? deb822Archive(text, release.codename)
      : oneLineArchive(text, release.codename);
    if (archive === undefined) continue;
    return [
      'Types: deb',
      `URIs: ${archive.uri}`,
      `Suites: ${release.wanted}`,
      'Components: main',
      `Signed-By: ${archive.signedBy ?? KEYRING}`,
      '',
    ].join('\n');
  }
  throw new Error(`no Debian ${release.codename} archive in /etc/apt/sources.list(.d)`);
}

interface Archive {
  readonly uri: string;
  readonly signedBy: string | undefined;
}

function deb822Archive(text: string, codename: string): Archive | undefined {
  for (const stanza of text.split(/\n\s*\n/)) {
    const field = (name: string) =>
      new RegExp(`^${name}:[ \t]*(\\S[^\n]*)$`, 'mi').exec(stanza)?.[1]?.trim();
    const uri = field('URIs')?.split(/\s+/)[0];
    const isDebian = field('Suites')?.split(/\s+/).includes(codename);
    if (!isDebian || !uri || !field('Components')?.split(/\s+/).includes('main')) continue;
    if (field('Enabled') === 'no') continue;
    // A key may also be written inline over many lines: then the archive's own keyring does.
    const signedBy = field('Signed-By');
    return { uri, signedBy: signedBy?.startsWith('/') ? signedBy : undefined };
  }
  return undefined;
}

function oneLineArchive(text: string, codename: string): Archive | undefined {
  for (const line of text.split('\n')) {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line.trim());
    if (!match || match[3] !== codename || !match[4]?.split(/\s+/).includes('main')) continue;
    const signedBy = /signed-by=(\/\S+)/.exec(match[1] ?? '')?.[1];
    return { uri: match[2]!, signedBy };
  }
  return undefined;
}

async function runIn(cwd: string, command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, args, { cwd, timeout: COMMAND_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() || (error as Error).message;
    throw new Error(`${command} failed: ${said}`, { cause: error });
  }
}
