// A node over the documents of its network: its role runs under the one in force, and moves to the
// next when its time has come, in the same process: the role is stopped as on a shutdown, and started
// under the successor from its stores and the streams, as after a restart.

import { equalBytes } from '../core/bytes.ts';
import type { VerifySignature } from '../core/signed.ts';
import { FileError } from '../files/file-error.ts';
import type { Clock } from './clock.ts';
import {
  type ChainFiles,
  type ChainLink,
  chainVersion,
  linkInForce,
  readNetworkChain,
  takesOverAtSeconds,
} from './network-chain.ts';
import { pinNetwork, pinnedLink } from './network-pin.ts';

const LOOK_EVERY_MS = 10_000;

export interface FollowOptions {
  readonly files: ChainFiles;
  /** The folder of the node's stores. */
  readonly data: string;
  readonly clock: Clock;
  readonly verify: VerifySignature;
  /** Runs the role under one document. */
  readonly start: (link: ChainLink) => Promise<AsyncDisposable>;
  readonly say: (line: string) => void;
  readonly onError: (error: unknown) => void;
  readonly lookEveryMs?: number;
}

/** @throws FileError, and whatever `start` throws */
export async function followNetwork(options: FollowOptions): Promise<AsyncDisposable> {
  const follower = new NetworkFollower(options);
  await follower.begin();
  return follower;
}

class NetworkFollower implements AsyncDisposable {
  readonly #options: FollowOptions;
  #links: readonly ChainLink[] = [];
  #seen = '';
  /** Looked at again every time, and said once. */
  #saidProblem: string | undefined;
  #current: ChainLink | undefined;
  #role: AsyncDisposable | undefined;
  #looking: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;
  #isStopped = false;

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  async begin(): Promise<void> {
    await this.#read();
    await this.#takeDue();
    this.#lookAgain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#looking;
    await this.#role?.[Symbol.asyncDispose]();
  }

  #lookAgain(): void {
    const { clock, lookEveryMs = LOOK_EVERY_MS, onError } = this.#options;
    if (this.#isStopped) return;
    const nowMs = clock.nowMs();
    const version = this.#current?.network.document.version;
    const current = this.#links.findIndex(({ network }) => network.document.version === version);
    const nextMs =
      1000 * (takesOverAtSeconds(this.#links, current + 1) ?? Number.POSITIVE_INFINITY);
    // On the second: short intervals leave no time to come late.
    const atMs = Math.min(nowMs + lookEveryMs, Math.max(nextMs, nowMs + 1000));
    this.#cancel = clock.at(atMs, () => {
      this.#looking = this.#look()
        .catch(onError)
        .finally(() => this.#lookAgain());
      return this.#looking;
    });
  }

  async #look(): Promise<void> {
    if ((await chainVersion(this.#options.files)) !== this.#seen) {
      try {
        await this.#read();
      } catch (error) {
        // What we work under has been verified; a file that is being replaced changes nothing in it.
        if (!(error instanceof FileError)) throw error;
        if (error.message !== this.#saidProblem) this.#options.say(error.message);
        this.#saidProblem = error.message;
      }
    }
    await this.#takeDue();
  }

  async #read(): Promise<void> {
    const { files, verify, say, data } = this.#options;
    // Before it is read: what changes meanwhile is seen the next time.
    const seen = await chainVersion(files);
    const { links, problem } = await readNetworkChain(files, verify);
    await pinnedLink(data, links);
    this.#seen = seen;
    this.#saidProblem = undefined;
    if (problem !== undefined) say(`a successor is not taken: ${problem}`);
    const last = (links.at(-1) as ChainLink).network;
    const before = this.#links.at(-1)?.network;
    if (before !== undefined && !equalBytes(before.digest, last.digest)) {
      const { version, fromEpoch } = last.document;
      say(`version ${version} of the network takes effect with epoch ${fromEpoch}`);
    }
    this.#links = links;
  }

  async #takeDue(): Promise<void> {
    const { clock, data, start, say } = this.#options;
    // A clock that was set back takes nobody back.
    const due = Math.max(
      linkInForce(this.#links, clock.nowMs() / 1000),
      await pinnedLink(data, this.#links),
    );
    const link = this.#links[due] as ChainLink;
    if (
      this.#isStopped ||
      this.#current?.network.document.version === link.network.document.version
    )
      return;
    if (this.#current !== undefined)
      say(`the network's version ${link.network.document.version} takes over`);
    await this.#role?.[Symbol.asyncDispose]();
    this.#role = undefined;
    await pinNetwork(data, link.network);
    this.#role = await start(link);
    this.#current = link;
  }
}
